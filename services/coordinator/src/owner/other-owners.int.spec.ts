import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { partitionOf, type AttemptRef, type TaskLimit } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { TuttiError } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import type { Ownership } from '../ownership/ownership.js';
import { agent, Engine, type Handler } from '../testing/engine.js';
import { failingStore } from '../testing/failing-store.js';

const ONE_STEP = 'name: wf\nsteps: {a: {capability: work}}\noutputs: {by: "${{ steps.a.output }}"}';
const PARENT = 'name: wf\nsteps: {a: {workflow: child}}\noutputs: {by: "${{ steps.a.output.by }}"}';
const LIMITED = 'name: wf\nsteps: {a: {capability: work, concurrency: {key: shared, limit: 1}}}';
const LIMIT: TaskLimit = { kind: 'concurrency', scope: 'concurrency.key:shared', limit: 1, perMs: null };

describe('an owner that is not the only one to append', () => {
  let runtime: ManualRuntime;
  let store: EventStore;
  let engines: Engine[];
  let isStoreAway: boolean;
  let isCertain: boolean;
  let reads: string[];

  beforeEach(() => {
    runtime = createManualRuntime();
    [isStoreAway, isCertain] = [false, true];
    reads = [];
    const inner = failingStore(createInMemoryEventStore(runtime), () => {
      if (isStoreAway) throw new TuttiError('STORE_UNAVAILABLE', 'as the test says');
    });
    store = {
      ...inner,
      readStream: (stream, options) => {
        reads.push(stream);
        return inner.readStream(stream, options);
      },
    };
    engines = [];
  });
  afterEach(async () => {
    for (const engine of engines) await engine.close();
  });

  const boot = async (worker: string, handler: Handler, owns: (runId: string) => boolean = () => true, graceMs = 0): Promise<Engine> => {
    const engine = new Engine(store, runtime, handler);
    engines.push(engine);
    const ownership: Ownership = {
      alone: false,
      owns,
      get isCertain() {
        return isCertain;
      },
      onChange: () => () => undefined,
    };
    await engine.boot(worker, [agent('worker', ['work'])], { ownership, graceMs });
    return engine;
  };
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const attempt = (number: number, runId = 'r1'): AttemptRef => ({ runId, task: 'a', attempt: number });
  const loads = ({ router }: Engine): readonly number[] =>
    router.candidates({ capability: 'work', pinnedAgent: null }).map(({ load }) => load);

  it('refuses a claim by what the store holds, not by what it remembers', async () => {
    const mine = await boot(
      'w1',
      () => undefined,
      () => true,
      60_000,
    );
    await mine.register(ONE_STEP);
    await mine.start('wf', {});
    await settle();
    const other = await boot('w2', () => undefined);
    await other.owner.recover('r1');
    await other.until('TaskAssigned');
    expect(mine.owner.inMemory('r1')?.state.tasks.get('a')?.attempt).toBe(1);
    expect(await mine.channel.claim('w2', attempt(2))).toMatchObject({ verdict: 'go' });
    expect(await mine.channel.claim('w1', attempt(1))).toMatchObject({ verdict: 'superseded' });
  });

  it('gives away what workers held that are gone, whatever call brought the run into memory', async () => {
    const first = await boot('w1', () => undefined);
    await first.register(ONE_STEP);
    await first.start('wf', {});
    await first.crash();
    const next = await boot('w2', () => 'w2');
    await next.owner.peek('r1');
    expect(await next.outputs()).toEqual({ by: 'w2' });
  });

  it('keeps an attempt that the owner before granted after its worker had announced itself, and gives it away when the worker is gone', async () => {
    const first = await boot('w1', () => undefined);
    await first.register(ONE_STEP);
    await first.start('wf', {});
    expect(await first.channel.claim('w1', attempt(1))).toMatchObject({ verdict: 'go' });
    await first.crash();
    // With what it held before that claim.
    const next = await boot(
      'w1',
      () => undefined,
      () => true,
      10_000,
    );
    await next.owner.recover('r1');
    for (let second = 0; second < 30; second++) await runtime.advance(1_000);
    await settle();
    expect(await next.channel.claim('w1', attempt(1))).toMatchObject({ verdict: 'go' });
    next.silence();
    for (let second = 0; second < 10; second++) await runtime.advance(1_000);
    expect((await next.until('TaskAttemptFailed')).data).toMatchObject({ attempt: 1, cause: 'lost' });
  });

  it('gives nothing of silent workers away while another may have taken over from it, and does so after', async () => {
    const mine = await boot('w1', () => undefined);
    await mine.register(ONE_STEP);
    await mine.start('wf', {});
    await settle();
    // Its workers are with the next owner.
    isCertain = false;
    mine.silence();
    for (let second = 0; second < 60; second++) await runtime.advance(1_000);
    mine.owner.heed('r1', 100, false);
    await settle();
    for (let second = 0; second < 60; second++) await runtime.advance(1_000);
    await settle();
    expect((await mine.events()).map(({ type }) => type)).not.toContain('TaskAttemptFailed');
    isCertain = true;
    for (let second = 0; second < 15; second++) await runtime.advance(1_000);
    expect((await mine.until('TaskAttemptFailed')).data).toMatchObject({ attempt: 1, cause: 'lost' });
  });

  it('takes up a run whose start it took for failed, when that shows in the store after all', async () => {
    const mine = await boot('w1', () => 'w1');
    await mine.register(ONE_STEP);
    isStoreAway = true;
    await expect(mine.start('wf', {}, 'late')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    isStoreAway = false;
    await runtime.advance(5_000);
    const other = new Engine(store, runtime, () => undefined);
    engines.push(other);
    await other.boot('w2', []);
    await other.start('wf', {}, 'late');
    mine.owner.heed('late', 1, false);
    expect(await mine.outputs('late')).toEqual({ by: 'w1' });
  });

  it('gives nobody the seats of a run while it is loaded anew', async () => {
    const mine = await boot('w1', () => undefined);
    await mine.channel.announce({ worker: 'w1', pool: 'default', agents: [agent('worker', ['work'], 1)], holding: [] });
    await mine.register(ONE_STEP);
    await mine.start('wf', {});
    await mine.start('wf', {}, 'r2');
    mine.owner.heed('r1', 100, false);
    expect(mine.router.waitingCount()).toBe(1);
    await mine.owner.renewed('r1');
    await settle();
    expect([loads(mine), mine.router.waitingCount()]).toEqual([[1], 1]);
  });

  it('reads a run that has ended once more for what came after its end, and not for what came before', async () => {
    const mine = await boot('w1', () => 'w1');
    await mine.register(ONE_STEP);
    await mine.start('wf', {});
    await mine.until('RunSucceeded');
    await settle();
    const { length } = await mine.events();
    reads.length = 0;
    // The tail is behind what this owner appends itself.
    for (let revision = 0; revision < length - 1; revision++) mine.owner.heed('r1', revision, false);
    mine.owner.heed('r1', length - 1, true);
    await settle();
    expect(reads).toEqual([]);
    mine.owner.heed('r1', length, false);
    await settle();
    mine.owner.heed('r1', length - 1, false);
    await settle();
    expect(reads).toEqual(['run-r1']);
    expect(await mine.events()).toHaveLength(length);
  });

  it('frees the seats of a run that somebody else has ended', async () => {
    const mine = await boot('w1', () => undefined);
    await mine.register(ONE_STEP);
    await mine.start('wf', {});
    const other = await boot('w2', () => undefined);
    await other.owner.send('r1', { type: 'CancelRun', actor: 'user:ann', reason: '' });
    expect(loads(mine)).toEqual([1]);
    mine.owner.heed('r1', 3, true);
    expect([loads(mine), mine.owner.openRuns()]).toEqual([[0], 0]);
  });

  it('has a child run where its parent is, and hands both over together', async () => {
    let holder = 'w1';
    const ofPartition = (name: string) => (runId: string) => partitionOf(runId) === partitionOf('r1') && holder === name;
    const mine = await boot('w1', () => undefined, ofPartition('w1'));
    await mine.register(PARENT);
    await mine.register(ONE_STEP.replace('wf', 'child'));
    await mine.start('wf', {});
    const { data } = await mine.until('ChildRunStarted');
    const { runId: child } = data as { readonly runId: string };
    await mine.until('TaskScheduled', child);
    expect([mine.owner.inMemory(child)?.state.parent?.runId, mine.owner.openRuns()]).toEqual(['r1', 2]);
    const next = await boot('w2', () => 'w2', ofPartition('w2'));
    await expect(next.owner.peek(child)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    holder = 'w2';
    mine.owner.letGo();
    expect(mine.owner.openRuns()).toBe(0);
    await next.owner.recover('r1');
    expect(await next.outputs()).toEqual({ by: 'w2' });
  });

  it('hears of the end of a child that somebody else has ended', async () => {
    const mine = await boot('w1', () => undefined);
    await mine.register(PARENT);
    await mine.register(ONE_STEP.replace('wf', 'child'));
    await mine.start('wf', {});
    const { data } = await mine.until('ChildRunStarted');
    const { runId: child } = data as { readonly runId: string };
    await mine.until('TaskScheduled', child);
    const childOnly = failingStore(store, (stream) => {
      if (stream === 'run-r1') throw new TuttiError('STORE_UNAVAILABLE', 'it ends before it tells the parent');
    });
    const other = new Engine(childOnly, runtime, () => undefined);
    engines.push(other);
    await other.boot('w2', []);
    await other.owner.send(child, { type: 'CancelRun', actor: 'user:ann', reason: '' });
    await settle();
    mine.owner.heed(child, (await mine.events(child)).length - 1, true);
    expect((await mine.until('RunFailed')).data).toMatchObject({ error: { code: 'CANCELLED' } });
  });

  it('counts no permits of a run that moved to another owner while it was not in memory', async () => {
    let owns = true;
    const mine = await boot(
      'w1',
      () => undefined,
      () => owns,
    );
    await mine.register(LIMITED);
    await mine.start('wf', {});
    await mine.until('TaskAssigned');
    isStoreAway = true;
    await expect(mine.owner.send('r1', { type: 'CancelRun', actor: 'user:ann', reason: '' })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    owns = false;
    mine.owner.letGo();
    isStoreAway = false;
    const next = await boot('w2', () => undefined);
    await next.owner.send('r1', { type: 'CancelRun', actor: 'user:ann', reason: '' });
    expect(mine.permits.usage(LIMIT).used).toBe(1);
    for (let second = 0; second < 60; second++) await runtime.advance(1_000);
    expect(mine.permits.usage(LIMIT).used).toBe(0);
  });
});
