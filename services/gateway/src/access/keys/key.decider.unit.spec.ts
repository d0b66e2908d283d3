import { describe, expect, it } from '@jest/globals';
import type { KeyEvent } from '@tutti/contracts';
import { fold, isoTime } from '@tutti/kernel';
import { keyDecider, type KeyCommand } from './key.decider.js';

const NOW = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const HASH = 'a'.repeat(64);
const OTHER_HASH = 'b'.repeat(64);
const grant = { role: 'operator', permissions: [] };
const created = (expiresAtMs: number | null = null): KeyEvent => ({
  type: 'ApiKeyCreated',
  data: {
    ...{ id: 'k1', name: 'deploy', grant, secretHash: HASH, createdBy: 'user:ann' },
    expiresAt: expiresAtMs === null ? null : isoTime(expiresAtMs),
  },
});
const revoked: KeyEvent = { type: 'ApiKeyRevoked', data: { id: 'k1', reason: 'leaked', revokedBy: 'user:ann' } };
const create = (expiresAtMs: number | null = null): KeyCommand => ({
  type: 'CreateKey',
  ...{ id: 'k1', name: 'deploy', grant, secretHash: HASH, expiresAtMs, actor: 'user:ann', nowMs: NOW },
});
const rotate = (nowMs = NOW): KeyCommand => ({
  type: 'RotateKey',
  ...{ id: 'k1', secretHash: OTHER_HASH, overlapMs: HOUR, actor: 'user:ann', nowMs },
});
const revoke: KeyCommand = { type: 'RevokeKey', id: 'k1', reason: 'leaked', actor: 'user:ann' };
const use = (nowMs: number): KeyCommand => ({ type: 'NoteKeyUse', id: 'k1', address: '127.0.0.1', everyMs: HOUR, nowMs });

const decide = (given: readonly KeyEvent[], command: KeyCommand) => keyDecider.decide(command, fold(keyDecider, given));

describe('an API key', () => {
  it('is made with the hash of its secret, what it may do and its end', () => {
    expect(decide([], create())).toEqual([created()]);
    expect(decide([], create(NOW + HOUR))).toEqual([created(NOW + HOUR)]);
  });

  it('is not made with an end that has passed, nor twice under one id', () => {
    expect(() => decide([], create(NOW))).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
    expect(() => decide([created()], create())).toThrow(expect.objectContaining({ code: 'KEY_EXISTS' }));
  });

  it('is rotated with the time until which its earlier secret holds', () => {
    expect(decide([created()], rotate())).toEqual([
      { type: 'ApiKeyRotated', data: { id: 'k1', secretHash: OTHER_HASH, previousValidUntil: isoTime(NOW + HOUR), rotatedBy: 'user:ann' } },
    ]);
  });

  it.each([
    ['that nobody made', [], 'KEY_NOT_FOUND'],
    ['that is revoked', [created(), revoked], 'KEY_REVOKED'],
    ['that has expired', [created(NOW)], 'KEY_REVOKED'],
  ] as const)('%s is not rotated', (_, given, code) => {
    expect(() => decide(given, rotate())).toThrow(expect.objectContaining({ code }));
  });

  it('is revoked once, also when it has expired, and never when nobody made it', () => {
    expect(decide([created()], revoke)).toEqual([revoked]);
    expect(decide([created(NOW - 1)], revoke)).toEqual([revoked]);
    expect(decide([created(), revoked], revoke)).toEqual([]);
    expect(() => decide([], revoke)).toThrow(expect.objectContaining({ code: 'KEY_NOT_FOUND' }));
  });

  it('has its use recorded once an hour, and no more once it is revoked', () => {
    const used = decide([created()], use(NOW));
    expect(used).toEqual([{ type: 'ApiKeyUsed', data: { id: 'k1', usedAt: isoTime(NOW), address: '127.0.0.1' } }]);
    expect(decide([created(), ...used], use(NOW + HOUR - 1))).toEqual([]);
    expect(decide([created(), ...used], use(NOW + HOUR))).toHaveLength(1);
    expect(decide([created(), revoked], use(NOW))).toEqual([]);
  });
});
