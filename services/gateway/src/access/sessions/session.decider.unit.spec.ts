import { describe, expect, it } from '@jest/globals';
import type { SessionEvent } from '@tutti/contracts';
import { fold, isoTime } from '@tutti/kernel';
import { sessionDecider, type SessionCommand } from './session.decider.js';

const NOW = Date.UTC(2026, 0, 1);
const session = {
  ...{ id: 's1', actor: 'user:ann', origin: { kind: 'api-key', id: 'k1', generation: 1 }, grant: { role: null, permissions: [] } },
  ...{ mayActAsOthers: false, secretHash: 'a'.repeat(64), expiresAt: isoTime(NOW + 1_000_000) },
};
const started: SessionEvent = { type: 'SessionStarted', data: session };
const ended: SessionEvent = { type: 'SessionEnded', data: { id: 's1', reason: 'signed-out' } };
const end: SessionCommand = { type: 'EndSession', id: 's1', reason: 'signed-out' };
const use = (nowMs: number): SessionCommand => ({ type: 'NoteSessionUse', id: 's1', nowMs, everyMs: 1_000 });

const decide = (given: readonly SessionEvent[], command: SessionCommand) => sessionDecider.decide(command, fold(sessionDecider, given));

describe('a session', () => {
  it('begins once', () => {
    expect(decide([], { type: 'StartSession', session })).toEqual([started]);
    expect(() => decide([started], { type: 'StartSession', session })).toThrow('already');
  });

  it('has its use recorded now and then while it is open', () => {
    const used = decide([started], use(NOW));
    expect(used).toEqual([{ type: 'SessionUsed', data: { id: 's1', usedAt: isoTime(NOW) } }]);
    expect(decide([started, ...used], use(NOW + 999))).toEqual([]);
    expect(decide([started, ...used], use(NOW + 1_000))).toHaveLength(1);
    expect(decide([started, ended], use(NOW))).toEqual([]);
    expect(decide([], use(NOW))).toEqual([]);
  });

  it('ends once, and only if it began', () => {
    expect(decide([started], end)).toEqual([ended]);
    expect(decide([started, ended], end)).toEqual([]);
    expect(decide([], end)).toEqual([]);
  });
});
