import { beforeEach, describe, expect, it } from '@jest/globals';
import { AgentFailure, type JsonValue } from '@tutti/agent-sdk';
import type { AttemptOutcome, AttemptRef, ClaimAnswer, StoredValue } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { isoTime, TuttiError } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import type { ValueStore } from '@tutti/service-kit';
import { ApiTokens } from './api-tokens.js';
import type { TaskRunner } from './task-runner.js';
import {
  assigned,
  cancelled,
  go,
  GRACE_MS,
  makeRunner,
  memoryValues,
  never,
  untilAborted,
  type RunnerOptions,
  type Work,
} from './task-runner-harness.js';

let runtime: ManualRuntime;
let claims: AttemptRef[];
let reports: [string, AttemptRef, AttemptOutcome][];
let answer: (attempt: AttemptRef) => ClaimAnswer | Promise<ClaimAnswer>;
let refuseReport: (tries: number) => Error | undefined;
let values: ValueStore;
let store: EventStore;

function runner(work: Work, options: RunnerOptions = {}): TaskRunner {
  let tries = 0;
  const channel = {
    claim: (_: string, attempt: AttemptRef) => {
      claims.push(attempt);
      return Promise.resolve(attempt).then(answer);
    },
    report: async (worker: string, attempt: AttemptRef, outcome: AttemptOutcome) => {
      const refusal = refuseReport(++tries);
      if (refusal !== undefined) throw refusal;
      reports.push([worker, attempt, outcome]);
    },
  };
  return makeRunner({ channel, values, store, runtime }, work, options);
}

const settle = () => runtime.advance(0);
const outcomes = () => reports.map(([, , outcome]) => outcome);

beforeEach(() => {
  runtime = createManualRuntime();
  store = createInMemoryEventStore(runtime);
  claims = [];
  reports = [];
  answer = () => go();
  refuseReport = () => undefined;
  values = memoryValues();
});

describe('taking a task', () => {
  it('claims, runs and reports the output with the time it took', async () => {
    const tasks = runner(async (task) => {
      await new Promise<void>((resolve) => runtime.timers.after(250, resolve));
      return { got: task.input };
    });
    await tasks.take(assigned());
    expect(tasks.holding()).toEqual([{ runId: 'run-1', task: 'summary', attempt: 1 }]);
    await runtime.advance(250);
    expect(reports).toEqual([
      [
        'worker-1',
        { runId: 'run-1', task: 'summary', attempt: 1 },
        { outcome: 'succeeded', output: { inline: { got: { n: 1 } } }, durationMs: 250 },
      ],
    ]);
    expect(tasks.holding()).toEqual([]);
    await tasks.idle();
  });

  it('is done with the message when the claim is granted, not when the task ends', async () => {
    const tasks = runner(never);
    await tasks.take(assigned());
    expect(tasks.holding()).toHaveLength(1);
    expect(reports).toEqual([]);
  });

  it.each(['done', 'superseded', 'elsewhere'] as const)('does nothing when the owner answers %s', async (verdict) => {
    answer = () => ({ verdict });
    let ran = false;
    const tasks = runner(() => ((ran = true), Promise.resolve(null)));
    await tasks.take(assigned());
    await settle();
    expect([ran, reports, tasks.holding()]).toEqual([false, [], []]);
  });

  it('lets the message come again when the claim fails', async () => {
    answer = () => Promise.reject(new TuttiError('SHUTTING_DOWN', 'the owner is away'));
    const tasks = runner(() => Promise.resolve(1));
    await expect(tasks.take(assigned())).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    answer = () => go();
    await tasks.take(assigned());
    await settle();
    expect(outcomes()).toMatchObject([{ outcome: 'succeeded' }]);
  });

  it('claims once when the same message comes twice, and again for another attempt', async () => {
    const tasks = runner(never);
    await Promise.all([tasks.take(assigned()), tasks.take(assigned())]);
    expect(claims).toHaveLength(1);
    await tasks.take(assigned({ attempt: 2 }));
    expect(claims).toHaveLength(2);
  });

  it('fails the attempt, for another try elsewhere, when the agent is not hosted here', async () => {
    const tasks = runner(never);
    await tasks.take(assigned({ agent: 'stranger' }));
    await settle();
    expect(outcomes()).toMatchObject([{ outcome: 'failed', error: { code: 'AGENT_NOT_FOUND', retryable: true } }]);
  });

  it('arms no timer when there is no deadline', async () => {
    const tasks = runner(never);
    await tasks.take(assigned());
    expect(runtime.pending()).toBe(0);
  });
});

describe('an agent with all its seats taken', () => {
  const of = (runId: string) => assigned({ runId });
  const begun = (): readonly string[] => claims.map(({ runId }) => runId);

  it('is given no more, whoever assigned it: what comes waits unclaimed until a seat is free', async () => {
    const ends: (() => void)[] = [];
    const tasks = runner(() => new Promise((resolve) => ends.push(() => resolve(1))), { concurrency: 2 });
    for (const runId of ['a', 'b', 'c', 'd']) void tasks.take(of(runId));
    await runtime.advance(1);
    expect([begun(), tasks.holding().length]).toEqual([['a', 'b'], 2]);
    ends[0]?.();
    await runtime.advance(1);
    expect(begun()).toEqual(['a', 'b', 'c']);
    ends[1]?.();
    await runtime.advance(1);
    expect(begun()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('has the seat of an attempt back that was not granted, or that was called back', async () => {
    answer = ({ runId }) => (runId === 'a' ? { verdict: 'superseded' } : go());
    const tasks = runner(untilAborted, { concurrency: 1 });
    for (const runId of ['a', 'b', 'c']) void tasks.take(of(runId));
    await runtime.advance(1);
    expect(begun()).toEqual(['a', 'b']);
    tasks.cancel({ ...cancelled, runId: 'b' });
    await runtime.advance(1);
    expect(begun()).toEqual(['a', 'b', 'c']);
  });

  it('begins nothing that waits once the worker stops', async () => {
    const tasks = runner(untilAborted, { concurrency: 1 });
    for (const runId of ['a', 'b']) void tasks.take(of(runId));
    await runtime.advance(1);
    tasks.abortAll();
    await tasks.idle();
    expect(begun()).toEqual(['a']);
  });
});

describe('what an agent gets and gives', () => {
  it('has the same idempotency key over attempts, and another one for another task', async () => {
    const keys: string[] = [];
    const tasks = runner((task) => (keys.push({ ...task }.idempotencyKey), Promise.resolve(null)));
    await tasks.take(assigned());
    await tasks.take(assigned({ attempt: 2 }));
    await tasks.take(assigned({ task: 'other' }));
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  it('cannot change what others hold by changing its input, nor its output afterwards', async () => {
    const input = { inline: { list: [1] } };
    answer = () => go({ input });
    const output = { list: [1] };
    const tasks = runner((task) => ((task.input as { list: number[] }).list.push(2), Promise.resolve(output)));
    await tasks.take(assigned());
    await settle();
    output.list.push(3);
    expect(input).toEqual({ inline: { list: [1] } });
    expect(outcomes()).toMatchObject([{ output: { inline: { list: [1] } } }]);
  });

  it('gets an input that is stored apart, and has a long output stored apart', async () => {
    const stored = await values.store('i'.repeat(2_000));
    answer = () => go({ input: stored });
    const tasks = runner((task) => Promise.resolve(`${String(task.input).length}${'o'.repeat(2_000)}`));
    await tasks.take(assigned());
    await settle();
    const [outcome] = outcomes() as [AttemptOutcome & { outcome: 'succeeded'; output: StoredValue }];
    expect(outcome.output).toHaveProperty('blob');
    expect(String(await values.load(outcome.output)).slice(0, 5)).toBe('2000o');
  });

  it.each([
    [
      'an agent’s own failure with its code',
      new AgentFailure('QUOTA', 'no credit', { retryable: true, details: { left: 0 } }),
      { code: 'QUOTA', message: 'no credit', retryable: true, details: { left: 0 } },
    ],
    [
      'an agent’s own failure as final unless it says otherwise',
      new AgentFailure('BAD_INPUT', 'no text'),
      { code: 'BAD_INPUT', message: 'no text', retryable: false },
    ],
    ['any other error as one to try again', new RangeError('boom'), { code: 'AGENT_FAILED', message: 'RangeError: boom', retryable: true }],
    ['what is no error at all', 'boom', { code: 'AGENT_FAILED', message: 'boom', retryable: true }],
    [
      'details that are not JSON by saying so',
      new AgentFailure('X', 'x', { details: (() => 1) as never }),
      { code: 'X', message: 'x', retryable: false, details: 'left out: details is a function, expected a JSON value' },
    ],
  ])('reports %s', async (_, thrown, error) => {
    const reason = thrown as Error;
    const tasks = runner(() => Promise.reject(reason));
    await tasks.take(assigned());
    await settle();
    expect(outcomes()).toEqual([{ outcome: 'failed', error, durationMs: 0 }]);
  });

  it('fails for good when the output is not JSON, and says where', async () => {
    const tasks = runner(() => Promise.resolve({ score: Number.NaN }));
    await tasks.take(assigned());
    await settle();
    expect(outcomes()).toMatchObject([
      { outcome: 'failed', error: { code: 'AGENT_FAILED', retryable: false, message: 'output.score is NaN, which JSON cannot hold' } },
    ]);
  });

  it('fails when its input is lost', async () => {
    answer = () => go({ input: { blob: 'a'.repeat(64), bytes: 3 } });
    const tasks = runner(never);
    await tasks.take(assigned());
    await settle();
    expect(outcomes()).toMatchObject([{ outcome: 'failed', error: { code: 'BLOB_NOT_FOUND' } }]);
  });
});

describe('a token for the API', () => {
  const issued: unknown[] = [];
  const apiTokens = new ApiTokens({ issue: async (request) => (issued.push(request), `token-${issued.length}`) });

  it('is in the agent’s own name, for the gateway, and lets it read runs', async () => {
    const tasks = runner((_, context) => context.apiToken(), { apiTokens });
    await tasks.take(assigned());
    await settle();
    expect(outcomes()).toMatchObject([{ outcome: 'succeeded', output: { inline: 'token-1' } }]);
    expect(issued).toEqual([{ audience: 'tutti:gateway', actor: 'agent:echo', permissions: ['runs:read'] }]);
  });

  it('is not given once the attempt is over', async () => {
    let ask: () => Promise<string> = () => Promise.resolve('');
    const tasks = runner(async (_, context) => ((ask = () => context.apiToken()), null), { apiTokens });
    await tasks.take(assigned());
    await settle();
    await expect(ask()).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('is not given by a host that has none', async () => {
    const tasks = runner((_, context) => context.apiToken());
    await tasks.take(assigned());
    await settle();
    expect(outcomes()).toMatchObject([{ outcome: 'failed', error: { code: 'INVALID_CONFIG' } }]);
  });
});

describe('ending a task early', () => {
  it('aborts at the deadline and reports that it took too long', async () => {
    answer = () => go({ deadlineAt: isoTime(runtime.clock.now() + 500) });
    const tasks = runner(untilAborted);
    await tasks.take(assigned());
    await runtime.advance(499);
    expect(reports).toEqual([]);
    await runtime.advance(1);
    expect(outcomes()).toMatchObject([
      {
        outcome: 'failed',
        error: { code: 'TIMED_OUT', retryable: true, message: expect.stringContaining('took longer than 500 ms') },
        durationMs: 500,
      },
    ]);
    expect(runtime.pending()).toBe(0);
  });

  it('aborts at the agent’s own limit when that is the earlier one', async () => {
    answer = () => go({ deadlineAt: isoTime(runtime.clock.now() + 500) });
    const tasks = runner(untilAborted, { timeoutMs: 200 });
    await tasks.take(assigned());
    await runtime.advance(200);
    expect(outcomes()).toMatchObject([{ error: { code: 'TIMED_OUT', message: expect.stringContaining('200 ms') } }]);
  });

  it('aborts when the attempt is cancelled, and reports it', async () => {
    const tasks = runner(untilAborted);
    await tasks.take(assigned());
    tasks.cancel(cancelled);
    await settle();
    expect(outcomes()).toMatchObject([
      { outcome: 'failed', error: { code: 'CANCELLED', retryable: false, message: expect.stringContaining('the run was cancelled') } },
    ]);
  });

  it('leaves other attempts alone when one is cancelled', async () => {
    const tasks = runner(untilAborted);
    await tasks.take(assigned({ attempt: 2 }));
    tasks.cancel(cancelled);
    await settle();
    expect(tasks.holding()).toHaveLength(1);
  });

  it('does not start the agent when the attempt is cancelled while it is claimed', async () => {
    let grant: (answer: ClaimAnswer) => void = () => {};
    answer = () => new Promise((resolve) => (grant = resolve));
    let ran = false;
    const tasks = runner(() => ((ran = true), Promise.resolve(null)));
    const taken = tasks.take(assigned());
    await settle();
    tasks.cancel(cancelled);
    grant(go());
    await taken;
    await settle();
    expect(ran).toBe(false);
    expect(outcomes()).toMatchObject([{ error: { code: 'CANCELLED' } }]);
  });

  it('gives an agent up that goes on regardless, and drops what it says later', async () => {
    let finish: (value: JsonValue) => void = () => {};
    const tasks = runner(() => new Promise((resolve) => (finish = resolve)));
    await tasks.take(assigned());
    await runtime.advance(100);
    tasks.cancel(cancelled);
    await runtime.advance(GRACE_MS - 1);
    expect(reports).toEqual([]);
    await runtime.advance(1);
    expect(outcomes()).toMatchObject([{ outcome: 'failed', error: { code: 'CANCELLED' }, durationMs: 100 + GRACE_MS }]);
    finish('late');
    await settle();
    expect(reports).toHaveLength(1);
    await tasks.idle();
  });

  it('reports what an agent achieves though it was aborted: the owner judges whether it counts', async () => {
    const tasks = runner((_, { signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve('partial'))));
    await tasks.take(assigned());
    tasks.cancel(cancelled);
    await settle();
    expect(outcomes()).toMatchObject([{ outcome: 'succeeded', output: { inline: 'partial' } }]);
  });

  it('reports nothing of what is aborted because the worker stops, and takes nothing more', async () => {
    const tasks = runner(untilAborted);
    await tasks.take(assigned());
    tasks.abortAll();
    await tasks.idle();
    await tasks.take(assigned({ task: 'next' }));
    expect([reports, claims.length]).toEqual([[], 1]);
  });
});

describe('handing results over', () => {
  it('tries again, more and more patiently, until the result is durable; it is held until then', async () => {
    refuseReport = (tries) => (tries <= 3 ? new TuttiError('DISK_FULL', 'no space') : undefined);
    const tasks = runner(() => Promise.resolve(1));
    await tasks.take(assigned());
    await settle();
    await runtime.advance(650);
    expect([reports.length, tasks.holding().length]).toEqual([0, 1]);
    await runtime.advance(400);
    expect([reports.length, tasks.holding().length]).toEqual([1, 0]);
  });

  it('begins no new task while too many results are not durable', async () => {
    let full = true;
    refuseReport = () => (full ? new TuttiError('DISK_FULL', 'no space') : undefined);
    const tasks = runner(() => Promise.resolve(1), { maxUnreportedResults: 2 });
    await tasks.take(assigned({ task: 'a' }));
    await tasks.take(assigned({ task: 'b' }));
    await settle();
    let third = false;
    const taken = tasks.take(assigned({ task: 'c' })).then(() => (third = true));
    await settle();
    expect([third, claims.length]).toEqual([false, 2]);
    full = false;
    await runtime.advance(2_000);
    await taken;
    await settle();
    expect(reports.map(([, { task }]) => task).sort()).toEqual(['a', 'b', 'c']);
  });
});
