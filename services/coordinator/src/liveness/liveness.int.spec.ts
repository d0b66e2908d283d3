import { afterEach, describe, expect, it } from '@jest/globals';
import type { AttemptRef, RunEvent } from '@tutti/contracts';
import type { JsonValue } from '@tutti/kernel';
import { agent, startEngine, type Engine, type Handler } from '../testing/engine.js';

const AGENTS = [agent('worker', ['work'])];
const ONE_STEP = 'name: wf\nsteps: {a: {capability: work}}\noutputs: {by: "${{ steps.a.output }}"}';
const TWO_TASKS = 'name: wf\nsteps: {a: {capability: work, forEach: {items: "${{ [1..2] }}"}}}';
const SEAT = { capability: 'work', pinnedAgent: null };

describe('a worker that falls silent', () => {
  let engine: Engine;
  afterEach(() => engine.close());

  const boot = async (definition: string, handler: Handler): Promise<void> => {
    engine = await startEngine(definition, handler, AGENTS);
  };

  it('loses what it holds and its place, and another does the work in under ten seconds', async () => {
    await boot(ONE_STEP, holdFirst);
    await engine.start('wf', {});
    await engine.until('TaskScheduled');
    await settle();
    engine.silence();
    await engine.channel.announce({ worker: 'w2', pool: 'default', agents: AGENTS, holding: [] });
    await beatFor('w2', 9_000);
    const lost = (await engine.until('TaskAttemptFailed')) as Of<'TaskAttemptFailed'>;
    expect(lost.data).toMatchObject({ task: 'a', attempt: 1, cause: 'lost', worker: 'w1', error: { code: 'WORKER_LOST' } });
    expect(((await engine.until('TaskAssigned')) as Of<'TaskAssigned'>).data.assignment.worker).toBe('w2');
    expect(engine.router.candidates(SEAT).map(({ worker, load }) => [worker, load])).toEqual([['w2', 1]]);
  });

  it('keeps what it holds as long as it gives signs of life', async () => {
    await boot(ONE_STEP, holdFirst);
    await engine.start('wf', {});
    await engine.until('TaskScheduled');
    await engine.runtime.advance(120_000);
    expect((await engine.events()).map(({ type }) => type)).not.toContain('TaskAttemptFailed');
  });

  it('is told that it is unknown when it comes back, and which of what it holds others have', async () => {
    await boot(TWO_TASKS, holdFirst);
    await engine.start('wf', {});
    await engine.until('TaskScheduled', 'r1', 2);
    await settle();
    engine.silence();
    await engine.runtime.advance(10_000);
    expect(await engine.channel.beat('w1', { silent: [] })).toEqual({ known: false });
    const holding = [ref('a[0]'), ref('a[1]'), { runId: 'no-such-run', task: 'x', attempt: 1 }];
    const { superseded } = await engine.channel.announce({ worker: 'w1', pool: 'default', agents: AGENTS, holding });
    expect(superseded).toEqual(holding);
    expect(await engine.channel.beat('w1', { silent: [] })).toEqual({ known: true });
  });

  it('hands in its results too late: they are recorded and change nothing', async () => {
    await boot(ONE_STEP, holdFirst);
    await engine.start('wf', {});
    await engine.until('TaskScheduled');
    await settle();
    engine.silence();
    await engine.runtime.advance(10_000);
    await engine.channel.announce({ worker: 'w2', pool: 'default', agents: AGENTS, holding: [] });
    await engine.until('TaskAssigned');
    const result = (output: JsonValue) => ({ outcome: 'succeeded', output: { inline: output }, durationMs: 1 }) as const;
    await engine.channel.report('w1', ref('a'), result('late'));
    await engine.channel.report('w2', ref('a', 2), result('in time'));
    await engine.channel.report('w1', ref('a'), result('late again'));
    expect(await engine.outputs()).toEqual({ by: 'in time' });
    const types = (await engine.events()).map(({ type }) => type);
    expect(types.filter((type) => type === 'TaskResultSuperseded')).toHaveLength(1);
    expect(types.filter((type) => type === 'TaskSucceeded')).toHaveLength(1);
  });

  it('takes what its departure gives away at once, without waiting for a lease', async () => {
    await boot(ONE_STEP, holdFirst);
    await engine.start('wf', {});
    await engine.until('TaskScheduled');
    await settle();
    await engine.channel.depart('w1');
    expect((await engine.until('TaskAttemptFailed')).data).toMatchObject({ cause: 'lost' });
    expect(await engine.channel.beat('w1', { silent: [] })).toEqual({ known: false });
  });

  async function beatFor(worker: string, ms: number): Promise<void> {
    for (let gone = 0; gone < ms; gone += 1_000) {
      await engine.runtime.advance(1_000);
      expect(await engine.channel.beat(worker, { silent: [] })).toEqual({ known: true });
    }
  }
});

describe('an agent that gives no sign of life', () => {
  let engine: Engine;
  afterEach(() => engine.close());

  const definition = `name: wf
steps:
  a: {capability: work, heartbeatTimeout: 5s, retry: {maxAttempts: 2, initialInterval: 1s, jitter: 0}}
outputs: {by: "\${{ steps.a.output }}"}`;

  it('has its attempt ended as timed out, and tried again as the step says', async () => {
    engine = await startEngine(definition, ({ attempt }) => (attempt === 1 ? undefined : attempt), AGENTS);
    await engine.start('wf', {});
    await engine.until('TaskScheduled');
    expect(await engine.channel.claim('w1', ref('a'))).toMatchObject({ verdict: 'go', heartbeatMs: 5_000 });
    await engine.channel.beat('w1', { silent: [ref('a')] });
    const failed = (await engine.until('TaskAttemptFailed')) as Of<'TaskAttemptFailed'>;
    expect(failed.data).toMatchObject({
      cause: 'timeout',
      error: { code: 'TIMED_OUT', message: expect.stringContaining('heartbeatTimeout of 5000 ms') },
    });
    await engine.runtime.advance(2_000);
    expect(await engine.outputs()).toEqual({ by: 2 });
  });

  it('has only its own attempt ended: not one of another worker, nor a later one', async () => {
    engine = await startEngine(definition, () => undefined, AGENTS);
    await engine.start('wf', {});
    await engine.until('TaskScheduled');
    await engine.channel.announce({ worker: 'w2', pool: 'default', agents: AGENTS, holding: [] });
    await engine.channel.beat('w2', { silent: [ref('a')] });
    await engine.channel.beat('w1', { silent: [ref('a', 2), ref('no-such-task'), { ...ref('a'), runId: 'no-such-run' }] });
    expect((await engine.events()).map(({ type }) => type)).not.toContain('TaskAttemptFailed');
  });
});

describe('after a coordinator’s restart', () => {
  let engine: Engine;
  afterEach(() => engine.close());

  const restart = async (worker: string, holding: readonly AttemptRef[]): Promise<void> => {
    engine = await startEngine(TWO_TASKS, () => undefined, AGENTS);
    await engine.start('wf', {});
    await engine.until('TaskScheduled', 'r1', 2);
    await settle();
    await engine.crash();
    await engine.boot(worker, AGENTS, { holding, graceMs: 10_000 });
  };
  const failed = async () =>
    (await engine.events()).filter((event): event is Of<'TaskAttemptFailed'> => event.type === 'TaskAttemptFailed');

  it('a worker that comes back keeps what it holds, and the rest of what it had goes elsewhere', async () => {
    await restart('w1', [ref('a[0]')]);
    expect(engine.announced?.superseded).toEqual([]);
    await engine.owner.recover('r1');
    await engine.until('TaskAttemptFailed');
    await engine.runtime.advance(30_000);
    expect((await failed()).map(({ data }) => data.task)).toEqual(['a[1]']);
    expect(await engine.channel.claim('w1', ref('a[0]'))).toMatchObject({ verdict: 'go' });
  });

  it('a claim is as good as an announcement, whoever takes the run up first', async () => {
    await restart('w1', []);
    expect(await engine.channel.claim('w1', ref('a[0]'))).toMatchObject({ verdict: 'go' });
    await engine.owner.recover('r1');
    await settle();
    expect((await failed()).map(({ data }) => data.task)).toEqual(['a[1]']);
  });

  it('a claim counts before its worker has announced itself, too', async () => {
    await restart('w2', []);
    expect(await engine.channel.claim('w1', ref('a[0]'))).toMatchObject({ verdict: 'go' });
    // Put together before it had the answer.
    await engine.channel.announce({ worker: 'w1', pool: 'default', agents: AGENTS, holding: [] });
    await engine.owner.recover('r1');
    await settle();
    expect((await failed()).map(({ data }) => data.task)).toEqual(['a[1]']);
  });

  it('waits for workers that have not come back yet, then gives away what they held', async () => {
    await restart('w2', []);
    await engine.owner.recover('r1');
    await engine.runtime.advance(9_000);
    expect(await failed()).toEqual([]);
    await engine.runtime.advance(5_000);
    await engine.until('TaskAttemptFailed', 'r1', 2);
    expect((await failed()).map(({ data }) => [data.task, data.worker])).toEqual([
      ['a[0]', 'w1'],
      ['a[1]', 'w1'],
    ]);
  });

  it('gives nothing away that its worker announces in time, though the run was taken up before', async () => {
    await restart('w2', []);
    await engine.owner.recover('r1');
    engine.presence.recovered();
    await engine.runtime.advance(8_000);
    const { superseded } = await engine.channel.announce({
      worker: 'w1',
      pool: 'default',
      agents: AGENTS,
      holding: [ref('a[0]'), ref('a[1]')],
    });
    expect(superseded).toEqual([]);
    for (let second = 0; second < 20; second++) {
      await engine.runtime.advance(1_000);
      await engine.channel.beat('w1', { silent: [] });
    }
    expect(await failed()).toEqual([]);
    expect(engine.router.candidates(SEAT).map(({ worker, load }) => [worker, load])).toContainEqual(['w1', 2]);
  });
});

type Of<Type extends RunEvent['type']> = Extract<RunEvent, { readonly type: Type }>;

const holdFirst: Handler = ({ attempt, task }) => (attempt === 1 ? undefined : task);

function ref(task: string, attempt = 1): AttemptRef {
  return { runId: 'r1', task, attempt };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}
