import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AttemptOutcome, TaskAssignedMessage } from '@tutti/contracts';
import { TuttiError, type ErrorCode } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { createValueStore, silentLogger } from '@tutti/service-kit';
import { Attempt } from './attempt.js';
import type { HostedAgent } from './hosted-agent.js';
import { ResultReporter } from './result-reporter.js';

const message = { runId: 'run-1', task: 'summary', attempt: 1 } as TaskAssignedMessage;
const attempt = new Attempt('key', message, {} as HostedAgent, silentLogger, () => {
  throw new Error('it has no steps');
});
const succeeded = { outcome: 'succeeded', output: 'fine', durationMs: 5 } as const;
const failed = { outcome: 'failed', error: { code: 'X', message: 'x', retryable: false }, durationMs: 5 } as const;
const blobs = { put: () => Promise.reject(new Error('none')), get: () => Promise.reject(new Error('none')) };

let runtime: ManualRuntime;
/** Answers of the owner to come; null takes the result. Takes everything when there are none left. */
let answers: (ErrorCode | null)[];
let triedAt: number[];
let taken: AttemptOutcome[];
let reporter: ResultReporter;

beforeEach(() => {
  runtime = createManualRuntime({ startMs: 0 });
  [answers, triedAt, taken] = [[], [], []];
  const channel = {
    report: (_worker: string, _attempt: object, outcome: AttemptOutcome) => {
      triedAt.push(runtime.clock.now());
      const refusal = answers.shift() ?? null;
      if (refusal !== null) return Promise.reject(new TuttiError(refusal, `refused with ${refusal}`));
      taken.push(outcome);
      return Promise.resolve();
    },
  };
  const values = createValueStore({ blobs, inlineLimitBytes: 100, maxBytes: 1_000 });
  reporter = new ResultReporter({
    worker: 'worker-1',
    channel,
    values,
    runtime,
    logger: silentLogger,
    retryDelayMs: 100,
    maxRetryDelayMs: 400,
  });
});

describe('handing a result over', () => {
  it('waits longer and longer between tries, up to a limit, with a part of it at random', async () => {
    answers = ['DISK_FULL', 'SHUTTING_DOWN', 'INTERNAL', 'TIMED_OUT', 'OVERLOADED', null];
    const delivered = reporter.deliver(attempt, succeeded);
    await runtime.advance(10_000);
    expect(await delivered).toBe(true);
    const waits = triedAt.slice(1).map((at, index) => at - (triedAt[index] ?? 0));
    for (const [index, base] of [100, 200, 400, 400, 400].entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(base);
      expect(waits[index]).toBeLessThanOrEqual(base * 1.25);
    }
    expect(taken).toEqual([{ outcome: 'succeeded', output: { inline: 'fine' }, durationMs: 5 }]);
  });

  it('keeps trying though the store refuses everything until it is checked', async () => {
    answers = Array<ErrorCode>(50).fill('STORE_UNAVAILABLE');
    const delivered = reporter.deliver(attempt, failed);
    await runtime.advance(60_000);
    expect(await delivered).toBe(true);
    expect(taken).toEqual([failed]);
  });

  it.each(['PAYLOAD_TOO_LARGE', 'INVALID_REQUEST'] as const)(
    'reports the attempt as failed for good when its output is refused with %s',
    async (code) => {
      answers = [code];
      const delivered = reporter.deliver(attempt, succeeded);
      await runtime.advance(1_000);
      expect(await delivered).toBe(true);
      expect(taken).toEqual([
        {
          outcome: 'failed',
          error: { code: 'AGENT_FAILED', message: `the output cannot be stored: refused with ${code}`, retryable: false },
          durationMs: 5,
        },
      ]);
    },
  );

  it('reports the attempt as failed for good when its output is larger than any value may be', async () => {
    const delivered = reporter.deliver(attempt, { ...succeeded, output: 'x'.repeat(2_000) });
    await runtime.advance(1_000);
    expect(await delivered).toBe(true);
    expect(taken).toMatchObject([{ error: { code: 'AGENT_FAILED', message: expect.stringContaining('at most 1000'), retryable: false } }]);
  });

  it('gives up when the run has ended, and when even a failure is refused', async () => {
    answers = ['RUN_ENDED', 'RUN_NOT_FOUND'];
    expect(await reporter.deliver(attempt, succeeded)).toBe(false);
    expect(await reporter.deliver(attempt, failed)).toBe(false);
    expect([taken, runtime.pending()]).toEqual([[], 0]);
  });

  it('ends its waits when it is stopped', async () => {
    answers = ['DISK_FULL'];
    const delivered = reporter.deliver(attempt, succeeded);
    await runtime.advance(0);
    reporter.stop();
    expect(await delivered).toBe(false);
    expect([taken, runtime.pending()]).toEqual([[], 0]);
  });
});
