import type { AccessGrant, KeyEvent } from '@tutti/contracts';
import { assertNever, isoTime, TuttiError, type Decider } from '@tutti/kernel';
import { evolveKey, initialKey, type KeyState } from './key.state.js';

/** All that a command says of time is in `nowMs`: milliseconds since the epoch. */
export type KeyCommand =
  | {
      readonly type: 'CreateKey';
      readonly id: string;
      readonly name: string;
      readonly grant: AccessGrant;
      readonly secretHash: string;
      readonly expiresAtMs: number | null;
      readonly actor: string;
      readonly nowMs: number;
    }
  | {
      readonly type: 'RotateKey';
      readonly id: string;
      readonly secretHash: string;
      readonly overlapMs: number;
      readonly actor: string;
      readonly nowMs: number;
    }
  | { readonly type: 'RevokeKey'; readonly id: string; readonly reason: string; readonly actor: string }
  | { readonly type: 'NoteKeyUse'; readonly id: string; readonly address: string; readonly everyMs: number; readonly nowMs: number };

type Command<Type extends KeyCommand['type']> = Extract<KeyCommand, { readonly type: Type }>;

export const keyDecider: Decider<KeyCommand, KeyState, KeyEvent> = { initialState: initialKey, decide, evolve: evolveKey };

function decide(command: KeyCommand, state: KeyState): readonly KeyEvent[] {
  switch (command.type) {
    case 'CreateKey':
      return create(command, state);
    case 'RotateKey':
      return rotate(command, state);
    case 'RevokeKey':
      return revoke(command, state);
    case 'NoteKeyUse':
      return noteUse(command, state);
    default:
      return assertNever(command, 'key command');
  }
}

function create({ id, name, grant, secretHash, expiresAtMs, actor, nowMs }: Command<'CreateKey'>, state: KeyState): readonly KeyEvent[] {
  if (state.status !== 'unknown') throw new TuttiError('KEY_EXISTS', `there is a key ${id} already: ${state.name}`);
  if (expiresAtMs !== null && expiresAtMs <= nowMs)
    throw new TuttiError('INVALID_REQUEST', `the key would expire at ${isoTime(expiresAtMs)}; expected a time to come`);
  const expiresAt = expiresAtMs === null ? null : isoTime(expiresAtMs);
  return [{ type: 'ApiKeyCreated', data: { id, name, grant, secretHash, expiresAt, createdBy: actor } }];
}

function rotate({ id, secretHash, overlapMs, actor, nowMs }: Command<'RotateKey'>, state: KeyState): readonly KeyEvent[] {
  if (state.status === 'unknown') throw unknown(id);
  if (state.status === 'revoked') throw new TuttiError('KEY_REVOKED', `key ${id} (${state.name}) is revoked`);
  if (state.expiresAtMs !== null && state.expiresAtMs <= nowMs)
    throw new TuttiError('KEY_REVOKED', `key ${id} (${state.name}) expired at ${isoTime(state.expiresAtMs)}`);
  return [{ type: 'ApiKeyRotated', data: { id, secretHash, previousValidUntil: isoTime(nowMs + overlapMs), rotatedBy: actor } }];
}

function revoke({ id, reason, actor }: Command<'RevokeKey'>, state: KeyState): readonly KeyEvent[] {
  if (state.status === 'unknown') throw unknown(id);
  return state.status === 'revoked' ? [] : [{ type: 'ApiKeyRevoked', data: { id, reason, revokedBy: actor } }];
}

function noteUse({ id, address, everyMs, nowMs }: Command<'NoteKeyUse'>, state: KeyState): readonly KeyEvent[] {
  if (state.status !== 'issued') return [];
  if (state.usedAtMs !== null && nowMs - state.usedAtMs < everyMs) return [];
  return [{ type: 'ApiKeyUsed', data: { id, usedAt: isoTime(nowMs), address } }];
}

function unknown(id: string): TuttiError {
  return new TuttiError('KEY_NOT_FOUND', `there is no key ${id}`);
}
