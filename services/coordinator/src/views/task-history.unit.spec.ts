import { describe, expect, it } from '@jest/globals';
import type { RunEvent, TaskAssignment } from '@tutti/contracts';
import { TaskHistories } from './task-history.js';

const seat = (worker: string): TaskAssignment => ({
  ...{ worker, agent: 'bee', agentVersion: '1', deadlineAt: null, reason: '', candidates: [] },
});
const scheduled = (task: string, assignment: TaskAssignment | null): RunEvent => ({
  type: 'TaskScheduled',
  data: {
    ...{ task, step: 'a', index: null, capability: 'work', pinnedAgent: null, input: { inline: null }, timeoutMs: null },
    ...{ feedback: [], attempt: 1, assignment },
  },
});
const assigned = (task: string, attempt: number, worker: string): RunEvent => ({
  type: 'TaskAssigned',
  data: { task, step: 'a', capability: 'work', attempt, assignment: seat(worker) },
});
const failed = (task: string, attempt: number, cause: 'error' | 'timeout' | 'lost' | 'gate', retryAt: string | null): RunEvent => ({
  type: 'TaskAttemptFailed',
  data: { task, attempt, cause, error: { code: 'X', message: `because ${cause}` }, worker: null, retryAt, feedback: [] },
});
const succeeded = (task: string, attempt: number): RunEvent => ({
  type: 'TaskSucceeded',
  data: { task, attempt, output: { inline: 1 }, durationMs: 7 },
});

function after(...events: readonly RunEvent[]) {
  const histories = new TaskHistories();
  events.forEach((event, index) => histories.apply(event, `t${index}`));
  return histories.list(() => true, 10);
}

describe('the history of a task', () => {
  it('has every attempt with its worker, times, outcome and error', () => {
    const [task] = after(scheduled('a', seat('w1')), failed('a', 1, 'lost', 't2'), assigned('a', 2, 'w2'), failed('a', 2, 'timeout', null));
    expect(task).toMatchObject({ task: 'a', status: 'failed', scheduledAt: 't0' });
    expect(task?.attempts).toMatchObject([
      { attempt: 1, worker: 'w1', assignedAt: 't0', endedAt: 't1', outcome: 'lost', retryAt: 't2', error: { message: 'because lost' } },
      { attempt: 2, worker: 'w2', assignedAt: 't2', endedAt: 't3', outcome: 'timed-out', error: { code: 'X', step: 'a' } },
    ]);
    expect(task?.attempts[1]).not.toHaveProperty('retryAt');
  });

  it('has no attempt before an agent has it, and one under way without an end', () => {
    expect(after(scheduled('a', null))).toMatchObject([{ status: 'scheduled', attempts: [] }]);
    expect(after(scheduled('a', null), assigned('a', 1, 'w1'))).toMatchObject([{ status: 'assigned', attempts: [{ outcome: 'running' }] }]);
  });

  it('keeps the result that a gate sent back, and the one that counted', () => {
    const [task] = after(
      scheduled('a', seat('w1')),
      succeeded('a', 1),
      failed('a', 1, 'gate', 't'),
      assigned('a', 2, 'w1'),
      succeeded('a', 2),
    );
    expect(task).toMatchObject({ status: 'succeeded', attempts: [{ outcome: 'rejected', durationMs: 7 }, { outcome: 'succeeded' }] });
  });

  it('notes a result that came too late', () => {
    const late: RunEvent = { type: 'TaskResultSuperseded', data: { task: 'a', attempt: 1, outcome: 'succeeded', durationMs: 9 } };
    const [task] = after(scheduled('a', seat('w1')), failed('a', 1, 'lost', 't'), late);
    expect(task?.attempts).toMatchObject([{ outcome: 'lost', lateResult: 'succeeded', durationMs: 9 }]);
  });

  it('ends the attempt that a cancellation calls back, and changes none that had ended', () => {
    const cancelled = (attempt: number): RunEvent => ({
      type: 'TaskCancelled',
      data: { task: 'a', attempt, worker: 'w1', reason: 'stop' },
    });
    expect(after(scheduled('a', seat('w1')), cancelled(1))[0]?.attempts).toMatchObject([
      { outcome: 'cancelled', error: { code: 'CANCELLED', message: 'stop' } },
    ]);
    expect(after(scheduled('a', seat('w1')), failed('a', 1, 'error', 't'), cancelled(1))).toMatchObject([
      { status: 'cancelled', attempts: [{ outcome: 'failed' }] },
    ]);
  });

  it('lists the newest when there are too many', () => {
    const histories = new TaskHistories();
    for (const task of ['a', 'b', 'c']) histories.apply(scheduled(task, null), 't');
    expect(histories.list(({ task }) => task !== 'c', 1).map(({ task }) => task)).toEqual(['b']);
  });
});
