import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AttemptOutcome, AttemptRef, ClaimAnswer } from '@tutti/contracts';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { isoTime, TuttiError } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import type { ValueStore } from '@tutti/service-kit';
import type { TaskRunner } from './task-runner.js';
import { assigned, cancelled, go, makeRunner, memoryValues, never, type Work } from './task-runner-harness.js';

let runtime: ManualRuntime;
let reports: AttemptOutcome[];
let values: ValueStore;
let answer: () => ClaimAnswer;

function runner(work: Work): TaskRunner {
  const channel = {
    claim: () => Promise.resolve(answer()),
    report: async (_: string, __: AttemptRef, outcome: AttemptOutcome) => Promise.resolve(void reports.push(outcome)),
  };
  return makeRunner({ channel, values, store: createInMemoryEventStore(runtime), runtime }, work, {});
}

const settle = () => runtime.advance(0);

describe('an input that is kept beside its event', () => {
  const LARGE = { text: 'x'.repeat(2_000) };
  let isAway: boolean;
  beforeEach(async () => {
    runtime = createManualRuntime();
    [reports, isAway] = [[], true];
    const kept = memoryValues();
    const input = await kept.store(LARGE);
    answer = () => go({ input, deadlineAt: isoTime(runtime.clock.now() + 60_000), heartbeatMs: 5_000 });
    const load: ValueStore['load'] = (value) =>
      isAway ? Promise.reject(new TuttiError('STORE_UNAVAILABLE', 'away', { retryable: true })) : kept.load(value);
    values = { ...kept, peek: () => undefined, load };
  });
  const seconds = async (tasks: TaskRunner, count: number): Promise<void> => {
    for (let second = 0; second < count; second++) {
      await runtime.advance(1_000);
      expect(tasks.silent()).toEqual([]);
    }
  };

  it('is waited for while whatever keeps it is away: that is no failure of the agent, which is not silent either', async () => {
    const tasks = runner(({ input }) => Promise.resolve(input));
    await tasks.take(assigned());
    await seconds(tasks, 30);
    expect([reports, tasks.holding()]).toEqual([[], [{ runId: 'run-1', task: 'summary', attempt: 1 }]]);
    isAway = false;
    await seconds(tasks, 3);
    expect(reports).toMatchObject([{ outcome: 'succeeded' }]);
  });

  it('is waited for no longer than the attempt may take', async () => {
    const tasks = runner(never);
    await tasks.take(assigned());
    await seconds(tasks, 61);
    expect(reports).toMatchObject([{ outcome: 'failed', error: { code: 'TIMED_OUT' } }]);
  });

  it('is waited for no longer once the task was called back', async () => {
    const tasks = runner(never);
    await tasks.take(assigned());
    await settle();
    tasks.cancel(cancelled);
    await settle();
    expect(tasks.holding()).toEqual([]);
  });

  it('fails the attempt when it is not there at all', async () => {
    isAway = false;
    answer = () => go({ input: { blob: 'a'.repeat(64), bytes: 5_000 } });
    await runner(never).take(assigned());
    await settle();
    expect(reports).toMatchObject([{ outcome: 'failed', error: { code: 'BLOB_NOT_FOUND' } }]);
  });
});
