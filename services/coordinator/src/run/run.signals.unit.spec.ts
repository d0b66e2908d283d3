import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@tutti/contracts';
import { evolveRun } from './run.evolve.js';
import { receiveSignal, signalLookedAt, untakenFor } from './run.signals.js';
import { initialRunState, type RunState, type TaskState } from './run.state.js';

const AT = '2026-01-01T00:00:00.000Z';
let state: RunState;
beforeEach(() => {
  state = Object.assign(initialRunState(), { status: 'running', runId: 'r' });
});

function apply(events: readonly RunEvent[]): number {
  for (const event of events) evolveRun(state, event);
  return events.length;
}
function send(signalId: string, payload: string = 'x', name = 'go'): number {
  const command = { type: 'SignalRun', signalId, name, payload: { inline: payload }, actor: 'user:a', nowMs: 0, random: 0 } as const;
  return apply(receiveSignal(command, state));
}
function wait(step: string): TaskState {
  const data = { task: step, step, index: null, attempt: 1, begunAt: AT, signal: 'go', deadlineAt: null };
  apply([{ type: 'SignalAwaited', data }]);
  return state.tasks.get(step) as TaskState;
}
function look(task: TaskState, taken: string | null, through: number): number {
  const found = taken === null ? null : { id: taken, payload: { inline: 'x' } };
  const resolution = { kind: 'signal', step: task.step, task: task.id, attempt: task.attempt, taken: found, through } as const;
  return apply(signalLookedAt(resolution, state, 0));
}

describe('the signals of a run', () => {
  it('are looked at in the order of coming, each by a wait once', () => {
    const task = wait('a');
    expect([send('s1'), send('s2'), send('s0', 'x', 'other'), send('s3')]).toEqual([1, 1, 1, 1]);
    expect(untakenFor(state, task).map(({ id }) => id)).toEqual(['s1', 's2', 's3']);
    expect(look(task, null, 2)).toBe(1);
    expect(look(task, null, 2)).toBe(0);
    expect(untakenFor(state, task).map(({ id }) => id)).toEqual(['s3']);
    expect(untakenFor(state, wait('b')).map(({ id }) => id)).toEqual(['s1', 's2', 's3']);
  });

  it('are taken by one wait only, whoever else has looked at them meanwhile', () => {
    const [a, b] = [wait('a'), wait('b')];
    send('s1');
    expect([look(a, 's1', 1), look(b, 's1', 1), look(a, 's1', 1)]).toEqual([1, 0, 0]);
    expect([a.status, b.status, state.signals.untakenCount, state.signals.untakenBytes]).toEqual(['succeeded', 'begun', 0, 0]);
  });

  it('are kept up to a number', () => {
    for (let sent = 0; sent < 10_000; sent++) send(`s${sent}`);
    expect(() => send('one more')).toThrow(expect.objectContaining({ code: 'SIGNALS_FULL' }));
    expect(send('s1')).toBe(0);
    look(wait('a'), 's0', 1);
    expect(send('one more')).toBe(1);
  });

  it('are kept up to what they take in memory', () => {
    const megabyte = 'x'.repeat(1024 * 1024);
    for (let sent = 0; sent < 16; sent++) send(`s${sent}`, megabyte);
    expect(() => send('one more')).toThrow(expect.objectContaining({ code: 'SIGNALS_FULL' }));
    look(wait('a'), 's0', 1);
    expect(send('one more', megabyte)).toBe(1);
  });
});
