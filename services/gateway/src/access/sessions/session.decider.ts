import type { SessionEvent } from '@tutti/contracts';
import { assertNever, isoTime, TuttiError, type Decider } from '@tutti/kernel';
import { evolveSession, initialSession, type SessionState } from './session.state.js';

type Started = Extract<SessionEvent, { readonly type: 'SessionStarted' }>['data'];
type Ended = Extract<SessionEvent, { readonly type: 'SessionEnded' }>['data'];

export type SessionCommand =
  | { readonly type: 'StartSession'; readonly session: Started }
  | { readonly type: 'NoteSessionUse'; readonly id: string; readonly nowMs: number; readonly everyMs: number }
  | { readonly type: 'EndSession'; readonly id: string; readonly reason: Ended['reason'] };

export const sessionDecider: Decider<SessionCommand, SessionState, SessionEvent> = {
  initialState: initialSession,
  decide,
  evolve: evolveSession,
};

function decide(command: SessionCommand, state: SessionState): readonly SessionEvent[] {
  switch (command.type) {
    case 'StartSession':
      if (state.status !== 'unknown') throw new TuttiError('INTERNAL', `there is a session ${command.session.id} already`);
      return [{ type: 'SessionStarted', data: command.session }];
    case 'NoteSessionUse': {
      const { id, nowMs, everyMs } = command;
      const isDue = state.status === 'open' && nowMs - state.usedAtMs >= everyMs;
      return isDue ? [{ type: 'SessionUsed', data: { id, usedAt: isoTime(nowMs) } }] : [];
    }
    case 'EndSession':
      return state.status === 'open' ? [{ type: 'SessionEnded', data: { id: command.id, reason: command.reason } }] : [];
    default:
      return assertNever(command, 'session command');
  }
}
