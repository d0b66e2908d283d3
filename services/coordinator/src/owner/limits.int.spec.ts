import { afterEach, describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@tutti/contracts';
import { agent, startEngine, type Engine, type Handler } from '../testing/engine.js';

type Assigned = Extract<RunEvent, { type: 'TaskScheduled' | 'TaskAssigned' }>;

describe('a step with limits', () => {
  let engine: Engine;
  let finish: (() => void)[];
  afterEach(() => engine.close());

  const pending: Handler = () => new Promise((resolve) => finish.push(() => resolve(1)));
  const start = async (steps: string, handler: Handler = pending): Promise<void> => {
    finish = [];
    engine = await startEngine(`name: wf\nsteps:\n${steps}`, handler);
  };
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 60; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const runs = async (count: number, inputs: (run: number) => Record<string, string> = () => ({})): Promise<void> => {
    for (let run = 0; run < count; run++) await engine.start('wf', inputs(run), `r${run}`);
    await settle();
  };
  const assignments = async (run: string): Promise<readonly Assigned['data'][]> =>
    (await engine.events(run))
      .filter((event): event is Assigned => event.type === 'TaskScheduled' || event.type === 'TaskAssigned')
      .map(({ data }) => data);

  it('runs at most so many at once, over all runs, and the others in the order in which they came', async () => {
    await start('  a: {capability: work, concurrency: {limit: 2}}');
    await runs(4);
    expect(engine.executed.map(({ runId }) => runId)).toEqual(['r0', 'r1']);
    finish.shift()?.();
    await settle();
    expect(engine.executed.map(({ runId }) => runId)).toEqual(['r0', 'r1', 'r2']);
  });

  it('counts each key by itself', async () => {
    await start('  a: {capability: work, concurrency: {key: "${{ inputs.customer }}", limit: 1}}');
    await runs(4, (run) => ({ customer: run % 2 === 0 ? 'even' : 'odd' }));
    expect(engine.executed.map(({ runId }) => runId)).toEqual(['r0', 'r1']);
  });

  it('shares a key with steps of other capabilities', async () => {
    await start(
      `
  a: {capability: work, concurrency: {key: shared, limit: 1}}
  b: {capability: work, concurrency: {key: shared, limit: 1}}`,
    );
    await runs(1);
    expect(engine.executed.map(({ step }) => step)).toEqual(['a']);
    finish.shift()?.();
    await settle();
    expect(engine.executed.map(({ step }) => step)).toEqual(['a', 'b']);
  });

  it('lets others pass that need no permit', async () => {
    await start(
      `
  a: {capability: work, concurrency: {limit: 1}}
  b: {capability: work}`,
    );
    await runs(3);
    expect(engine.executed.map(({ runId, step }) => `${runId} ${step}`).toSorted()).toEqual(['r0 a', 'r0 b', 'r1 b', 'r2 b']);
  });

  it('records the limits and the leases, and nothing for a step without', async () => {
    await start(
      `
  a: {capability: work, priority: 2, concurrency: {key: "\${{ inputs.customer }}", limit: 3}}
  b: {capability: work}`,
    );
    await runs(1, () => ({ customer: 'acme' }));
    const [a, b, assigned] = await assignments('r0');
    const limits = [{ kind: 'concurrency', scope: 'concurrency.key:acme', limit: 3, perMs: null }];
    expect(a).toMatchObject({ task: 'a', priority: 2, limits, assignment: null });
    expect(assigned?.assignment?.permits).toEqual([{ scope: 'concurrency.key:acme', lease: expect.stringMatching(/\/3$/) }]);
    expect(Object.keys(b ?? {})).not.toContain('limits');
    expect(Object.keys(b?.assignment ?? {})).not.toContain('permits');
  });

  it('gives a failed attempt’s permit to another while the task waits for its next', async () => {
    await start('  a: {capability: work, concurrency: {limit: 1}, retry: {maxAttempts: 2, initialInterval: 10s, jitter: 0}}', (work) => {
      if (work.runId === 'r0' && work.attempt === 1) throw new Error('boom');
      return pending(work);
    });
    await runs(2);
    expect(engine.executed.map(({ runId }) => runId)).toEqual(['r0', 'r1']);
    finish.shift()?.();
    await engine.runtime.advance(10_000);
    await settle();
    expect(engine.executed.map(({ runId, attempt }) => `${runId} ${attempt}`)).toEqual(['r0 1', 'r1 1', 'r0 2']);
  });

  it('gives the permit of a cancelled run to another', async () => {
    await start('  a: {capability: work, concurrency: {limit: 1}}');
    await runs(2);
    await engine.owner.send('r0', { type: 'CancelRun', actor: 'user:test', reason: '' });
    await settle();
    expect(engine.executed.map(({ runId }) => runId)).toEqual(['r0', 'r1']);
  });

  it('counts permits that open tasks hold again after a crash', async () => {
    await start('  a: {capability: work, concurrency: {limit: 2}}');
    await runs(3);
    await engine.crash();
    const holding = ['r0', 'r1'].map((runId) => ({ runId, task: 'a', attempt: 1 }));
    await engine.boot('w1', [agent('worker', ['work'])], { holding });
    for (const run of ['r2', 'r0', 'r1']) await engine.owner.recover(run);
    await engine.runtime.advance(15_000);
    await settle();
    expect(engine.executed.map(({ runId }) => runId)).toEqual(['r0', 'r1']);
    const outcome = { outcome: 'succeeded', output: { inline: 1 }, durationMs: 1 } as const;
    await engine.channel.report('w1', { runId: 'r1', task: 'a', attempt: 1 }, outcome);
    await settle();
    expect(engine.executed.map(({ runId }) => runId)).toEqual(['r0', 'r1', 'r2']);
  });

  it('gives lost tasks’ permits on after a crash without waiting for the lease', async () => {
    await start('  a: {capability: work, concurrency: {limit: 1}}');
    await runs(2);
    await engine.crash();
    await engine.boot('w2', [agent('worker', ['work'])]);
    for (const run of ['r1', 'r0']) await engine.owner.recover(run);
    await settle();
    expect(engine.executed.map(({ runId, attempt }) => `${runId} ${attempt}`)).toEqual(['r0 1', 'r1 1']);
    finish.at(-1)?.();
    await settle();
    expect(engine.executed.map(({ runId, attempt }) => `${runId} ${attempt}`)).toEqual(['r0 1', 'r1 1', 'r0 2']);
  });

  it('begins no more attempts in a window than its rate, though the coordinator is another one', async () => {
    await start('  a: {capability: work, rateLimit: {limit: 3, per: 1h}}', () => 1);
    await runs(2);
    expect(engine.executed).toHaveLength(2);
    await engine.crash();
    await engine.boot('w1', [agent('worker', ['work'])]);
    for (let run = 2; run < 6; run++) await engine.start('wf', {}, `r${run}`);
    await settle();
    expect(engine.executed).toHaveLength(3);
    await engine.runtime.advance(3_600_000);
    await settle();
    expect(engine.executed).toHaveLength(6);
  });

  it('takes the more urgent of those that wait', async () => {
    await start('  a: {capability: work, priority: "${{ inputs.urgency = \'high\' ? 1 : 4 }}", concurrency: {limit: 1}}');
    await runs(3, (run) => ({ urgency: run === 2 ? 'high' : 'low' }));
    finish.shift()?.();
    await settle();
    expect(engine.executed.map(({ runId }) => runId)).toEqual(['r0', 'r2']);
  });

  it.each([
    ['a key that is nothing', 'concurrency: {key: "${{ inputs.none }}", limit: 1}', 'concurrency.key of step "a" gave nothing'],
    ['a priority that is none', 'priority: "${{ 9 }}"', 'priority of step "a" gave 9; expected a whole number from 1 to 5'],
  ])('fails for %s', async (_, member, message) => {
    await start(`  a: {capability: work, ${member}}`);
    await runs(1);
    const failed = (await engine.events('r0')).find(({ type }) => type === 'StepFailed');
    expect(failed?.data).toMatchObject({ error: { code: 'EXPRESSION_FAILED', message: expect.stringContaining(message) } });
  });
});
