import { afterEach, describe, expect, it } from '@jest/globals';
import type { ErrorCode } from '@tutti/kernel';
import { TuttiError } from '@tutti/kernel';
import { seededRandom } from '@tutti/kernel/testing';
import { agent, startEngine, type Engine, type Handler } from '../testing/engine.js';
import { failingStore } from '../testing/failing-store.js';

const ONE_STEP = 'name: wf\nsteps: {a: {capability: work}}';
const ENDS = ['RunSucceeded', 'RunFailed', 'RunCancelled'];
const SEAT = { capability: 'work', pinnedAgent: null };

describe('a run whose append fails', () => {
  let engine: Engine;
  let failures: ErrorCode[] = [];
  afterEach(() => engine.close());

  const boot = async (definition: string, handler: Handler, agents = [agent('worker', ['work'])]): Promise<void> => {
    failures = [];
    const fail = (): void => {
      const code = failures.shift();
      if (code !== undefined) throw new TuttiError(code, 'as the test says');
    };
    engine = await startEngine(definition, handler, agents, (store) => failingStore(store, fail));
  };
  const loads = (): readonly number[] => engine.router.candidates(SEAT).map(({ load }) => load);
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  };

  it('refuses the start when the store is away, holds no seat for it, and takes it when asked again', async () => {
    await boot(ONE_STEP, () => 1);
    failures = ['STORE_UNAVAILABLE'];
    await expect(engine.start('wf', {})).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect([loads(), engine.owner.openRuns()]).toEqual([[0], 0]);
    await engine.start('wf', {});
    await engine.until('RunSucceeded');
    expect(loads()).toEqual([0]);
  });

  it('repeats what was asked on the newest state when somebody else came first', async () => {
    await boot(ONE_STEP, () => 1);
    await engine.start('wf', {});
    failures = ['REVISION_CONFLICT', 'REVISION_CONFLICT'];
    await engine.until('RunSucceeded');
    expect((await engine.events()).filter(({ type }) => type === 'TaskSucceeded')).toHaveLength(1);
    expect(loads()).toEqual([0]);
  });

  it('answers REVISION_CONFLICT when somebody else keeps coming first, and goes on later', async () => {
    await boot(ONE_STEP, () => undefined);
    await engine.start('wf', {});
    failures = Array.from({ length: 20 }, () => 'REVISION_CONFLICT');
    const cancel = { type: 'CancelRun', actor: 'user:ann', reason: '' } as const;
    await expect(engine.owner.send('r1', cancel)).rejects.toMatchObject({ code: 'REVISION_CONFLICT' });
    failures = [];
    await engine.owner.send('r1', cancel);
    await engine.until('RunCancelled');
    expect(loads()).toEqual([0]);
  });

  it('takes no attempt from its worker for an append that fails', async () => {
    await boot(ONE_STEP, () => undefined);
    await engine.start('wf', {});
    await engine.until('TaskScheduled');
    await settle();
    failures = ['STORE_UNAVAILABLE'];
    const cancelled = engine.owner.send('r1', { type: 'CancelRun', actor: 'user:ann', reason: '' });
    const claim = engine.channel.claim('w1', { runId: 'r1', task: 'a', attempt: 1 });
    await expect(cancelled).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await claim).toMatchObject({ verdict: 'go' });
  });

  it('takes the run up again by itself after the store was away in the middle', async () => {
    await boot(
      'name: wf\nsteps: {a: {capability: work, timeout: 10s, retry: {maxAttempts: 2, initialInterval: 1s, jitter: 0}}}',
      ({ attempt }) => (attempt === 1 ? undefined : 'done'),
    );
    const idle = engine.runtime.pending();
    await engine.start('wf', {});
    await engine.until('TaskScheduled');
    await settle();
    failures = ['STORE_UNAVAILABLE', 'STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'];
    await engine.runtime.advance(15_000);
    await engine.until('RunSucceeded');
    expect(loads()).toEqual([0]);
    await engine.runtime.advance(60_000);
    expect(engine.runtime.pending()).toBe(idle);
  });

  it('gives the seat back when the command that would take it cannot be recorded, and serves the run later', async () => {
    await boot(ONE_STEP, ({ runId }) => (runId === 'first' ? undefined : 1), [agent('worker', ['work'], 1)]);
    await engine.start('wf', {}, 'first');
    await engine.start('wf', {}, 'second');
    await engine.owner.send('first', { type: 'CancelRun', actor: 'user:ann', reason: '' });
    failures = ['STORE_UNAVAILABLE'];
    await settle();
    await engine.runtime.advance(2_000);
    await engine.until('RunSucceeded', 'second');
    expect(loads()).toEqual([0]);
  });

  it('takes a cancelled run’s waiting tasks out of the queue', async () => {
    await boot('name: wf\nsteps: {a: {capability: rare}, b: {capability: rare}}', () => 1);
    await engine.start('wf', {});
    expect(engine.router.waitingCount()).toBe(2);
    await engine.owner.send('r1', { type: 'CancelRun', actor: 'user:ann', reason: '' });
    expect(engine.router.waitingCount()).toBe(0);
  });

  it('starts once when the same start is asked several times at once', async () => {
    await boot(ONE_STEP, () => 1);
    await Promise.all(Array.from({ length: 10 }, () => engine.start('wf', {})));
    await engine.until('RunSucceeded');
    await engine.start('wf', {});
    expect((await engine.events()).map(({ type }) => type)).toEqual([
      'RunStarted',
      'TaskScheduled',
      'TaskSucceeded',
      'StepSucceeded',
      'RunSucceeded',
    ]);
  });

  it('lets a task that waited go on after a restart, when its agent is there already', async () => {
    await boot('name: wf\nsteps: {a: {capability: rare}}', () => 'done');
    await engine.start('wf', {});
    await engine.crash();
    await engine.boot('w2', [agent('late', ['rare'])]);
    await engine.owner.recover('r1');
    await engine.until('RunSucceeded');
  });

  it('counts each seat once when a task that waited and tasks that are due again get one as their run is taken up', async () => {
    const retry = 'retry: {maxAttempts: 2, initialInterval: 1s, jitter: 0}';
    await boot(
      `name: wf\nsteps: {w: {capability: rare}, a: {capability: work, ${retry}}, b: {capability: work, ${retry}}}`,
      ({ task, attempt }) => {
        if (task !== 'w' && attempt === 1) throw new Error('the first try fails');
        return 'done';
      },
    );
    await engine.start('wf', {});
    await engine.until('TaskAttemptFailed', 'r1', 2);
    await engine.crash();
    await engine.runtime.advance(5_000);
    await engine.boot('w2', [agent('worker', ['work', 'rare'])]);
    await engine.owner.recover('r1');
    await engine.until('RunSucceeded');
    expect(loads()).toEqual([0]);
  });

  it('gives away what was assigned to a worker that left before the assignment was recorded', async () => {
    await boot(ONE_STEP, () => 'done');
    const started = engine.start('wf', {});
    await engine.channel.depart('w1');
    await started;
    await engine.channel.announce({ worker: 'w1', pool: 'default', agents: [agent('worker', ['work'])], holding: [] });
    await engine.until('RunSucceeded');
    expect(loads()).toEqual([0]);
  });

  it('splits inputs that are too much for one append over several', async () => {
    await boot(
      'name: wf\nsteps: {each: {capability: work, forEach: {items: "${{ inputs.list }}", concurrency: 40}, with: {text: "${{ item }}"}}}',
      () => 1,
    );
    await engine.start('wf', { list: Array.from({ length: 40 }, (_, index) => `${index}`.padEnd(20_000, 'x')) });
    await engine.until('RunSucceeded');
    expect(engine.executed).toHaveLength(40);
  });

  it.each([1, 2, 3, 4, 5])('ends every run and frees every seat, whatever appends fail (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const definition = `
name: wf
steps:
  a: {capability: work, retry: {maxAttempts: 3, initialInterval: 1s}}
  b: {capability: work, needs: a, forEach: {items: "\${{ inputs.list }}", concurrency: 2}}
  c: {capability: work, needs: a, if: "\${{ inputs.go }}"}
  d: {capability: work, needs: [b, c], if: "\${{ always() }}"}
`;
    const flaky: Handler = () => {
      if (random.next() < 0.15) throw new Error('boom');
      return 1;
    };
    await boot(definition, flaky, [agent('one', ['work'], 2), agent('two', ['work'], 1)]);
    const runs = Array.from({ length: 12 }, (_, index) => `r${index}`);
    const codes = ['STORE_UNAVAILABLE', 'REVISION_CONFLICT', 'OVERLOADED'] as const;
    for (const id of runs) {
      if (random.next() < 0.5) failures.push(codes[Math.floor(random.next() * 3)] ?? 'OVERLOADED');
      const inputs = { list: [1, 2, 3], go: random.next() < 0.5 };
      for (let tries = 0; tries < 10; tries++) {
        const started = await engine.start('wf', inputs, id).then(
          () => true,
          () => false,
        );
        if (started) break;
      }
      if (random.next() < 0.2) await engine.owner.send(id, { type: 'CancelRun', actor: 'user:ann', reason: '' }).catch(() => undefined);
    }
    for (let turn = 0; turn < 40; turn++) {
      failures = Array.from({ length: turn < 20 ? 4 : 0 }, () => codes[Math.floor(random.next() * 3)] ?? 'OVERLOADED');
      await engine.runtime.advance(3_000);
    }
    const open = async (): Promise<readonly string[]> => {
      const types = await Promise.all(runs.map(async (id) => (await engine.events(id)).map(({ type }) => type as string)));
      return runs.filter((_, index) => !types[index]?.some((type) => ENDS.includes(type)));
    };
    // Conditions are evaluated in a thread, which takes real time.
    const isBusy = (): boolean => engine.owner.openRuns() > 0 || engine.runtime.pending() > 0;
    for (let turn = 0; turn < 50_000 && isBusy(); turn++) await engine.runtime.advance(100);
    expect(await open()).toEqual([]);
    await settle();
    expect([loads(), engine.router.waitingCount(), engine.owner.openRuns()]).toEqual([[0, 0], 0, 0]);
  });
});
