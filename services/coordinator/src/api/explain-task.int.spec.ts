import { afterEach, describe, expect, it } from '@jest/globals';
import type { AgentProfile } from '@tutti/contracts';
import { agent, startEngine, type Engine, type Handler } from '../testing/engine.js';
import { ExplainTask, ExplainTaskHandler } from './explain-task.js';

describe('why a task went where it went', () => {
  let engine: Engine;
  afterEach(() => engine.close());

  const start = async (step: string, handler: Handler = () => undefined, agents: readonly AgentProfile[] = [agent('worker', ['work'])]) => {
    engine = await startEngine(`name: wf\nsteps:\n  a: {capability: work, ${step}}`, handler, agents);
  };
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 60; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const summary = async (run: string): Promise<string | undefined> => {
    await settle();
    const { owner, router, permits, store, runtime } = engine;
    const { explanations } = await new ExplainTaskHandler(owner, router, permits, store, runtime).execute(new ExplainTask(run, 'a'));
    return explanations[0]?.summary;
  };

  it.each([
    ['routing: least-loaded', 'went to dear by least-loaded: the best of 2 with the capability, 0 of 100 in hand'],
    ['routing: cheapest', 'went to cheap by cheapest: the best of 2 with the capability, costs 0.5 a task, 0 of 100 in hand'],
    ['routing: fastest', 'went to dear by fastest: the best of 2 with the capability, not tried of late, 0 of 100 in hand'],
    [
      'routing: most-successful',
      'went to dear by most-successful: the best of 2 with the capability, 0 % failed of late, 0 of 100 in hand',
    ],
    ['routing: sticky', 'went to dear by sticky: the best of 2 with the capability, nobody had the key before, 0 of 100 in hand'],
    [
      'concurrency: {key: mail, limit: 2}',
      'went to dear by least-loaded: the best of 2 with the capability, 0 of 100 in hand, with a permit of concurrency "mail" (2 at once)',
    ],
  ])('names the strategy and what it went by: %s', async (step, expected) => {
    await start(step, undefined, [
      { ...agent('dear', ['work']), costPerTask: 3 },
      { ...agent('cheap', ['work']), costPerTask: 0.5 },
    ]);
    await engine.start('wf', {});
    expect(await summary('r1')).toBe(expected);
  });

  it('names the limit that it waits for', async () => {
    await start('concurrency: {key: mail, limit: 1}');
    for (const run of ['r1', 'r2']) await engine.start('wf', {}, run);
    expect(await summary('r2')).toBe('waits for a permit of concurrency "mail" (1 at once): 1 task has one here');
  });

  it('says when the next window of a rate begins', async () => {
    await start('rateLimit: {limit: 1, per: 1h}');
    for (const run of ['r1', 'r2']) await engine.start('wf', {}, run);
    expect(await summary('r2')).toBe(
      'waits for a permit of rate limit "wf/a" (1 in 3600000 ms): those of this window are used up; the next begins at 2026-01-01T01:00:00.000Z',
    );
  });

  it('names the breaker that keeps it from its agent, and lets it go when the cool-down is over', async () => {
    await start('retry: {maxAttempts: 1}', ({ runId }) => {
      if (runId !== 'r1') throw new Error('boom');
      return 1;
    });
    for (let failure = 1; failure <= 10; failure++) await engine.start('wf', {}, `failing-${failure}`);
    await settle();
    await engine.start('wf', {}, 'r1');
    expect(await summary('r1')).toMatch(
      /^waits with priority 3: none of 1 agents .* is free; worker: its breaker opened after 10 failures in a row; it is tried again in 30 s/,
    );
    await engine.runtime.advance(30_000);
    await engine.until('RunSucceeded', 'r1');
    expect(engine.executed).toHaveLength(11);
  });

  it('says that the run is paused', async () => {
    await start('concurrency: {limit: 1}');
    for (const run of ['r1', 'r2']) await engine.start('wf', {}, run);
    await settle();
    await engine.owner.send('r2', { type: 'PauseRun', actor: 'user:test', reason: '' });
    expect(await summary('r2')).toBe('waits until the run is resumed');
  });
});
