import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStore } from '@tutti/event-store';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { TuttiError } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import type { Ownership } from '../ownership/ownership.js';
import { agent, Engine, type Handler } from '../testing/engine.js';
import { failingStore } from '../testing/failing-store.js';

const CHILD = 'name: child\nsteps: {a: {capability: work}}\noutputs: {by: "${{ steps.a.output }}"}';
const PARENT = 'name: wf\nsteps: {a: {workflow: child}}\noutputs: {by: "${{ steps.a.output.by }}"}';
const HASTY = 'name: wf\nsteps: {a: {workflow: child, timeout: 60s}, b: {capability: work, needs: a, if: "${{ always() }}"}}';

describe('a run and its children, when what one of them recorded is told to nobody', () => {
  let runtime: ManualRuntime;
  let store: EventStore;
  let engines: Engine[];
  /** Appends with such an event become durable, and their answer is lost. */
  let losesAnswerOf: string | null;

  beforeEach(() => {
    runtime = createManualRuntime();
    losesAnswerOf = null;
    store = failingStore(
      createInMemoryEventStore(runtime),
      () => undefined,
      (events) => {
        if (!events.some(({ type }) => type === losesAnswerOf)) return;
        losesAnswerOf = null;
        throw new TuttiError('STORE_UNAVAILABLE', 'the store went away before it answered');
      },
    );
    engines = [];
  });
  afterEach(async () => {
    for (const engine of engines) await engine.close();
  });

  const boot = async (worker: string, handler: Handler, on: EventStore = store): Promise<Engine> => {
    const engine = new Engine(on, runtime, handler);
    engines.push(engine);
    const ownership: Ownership = { alone: false, owns: () => true, onChange: () => () => undefined };
    await engine.boot(worker, [agent('worker', ['work'])], { ownership });
    return engine;
  };
  /** One that can append to no other run than these: it ends before it gets to the others. */
  const bootForOnly = async (streams: (stream: string) => boolean): Promise<Engine> => {
    const limited = failingStore(store, (stream) => {
      if (!streams(stream)) throw new TuttiError('STORE_UNAVAILABLE', 'it ends before that');
    });
    return boot('w2', () => undefined, limited);
  };
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const seconds = async (count: number): Promise<void> => {
    for (let second = 0; second < count; second++) {
      await runtime.advance(1_000);
      await settle();
    }
  };
  const withChild = async (engine: Engine, parent: string): Promise<string> => {
    await engine.register(CHILD);
    await engine.register(parent);
    await engine.start('wf', {});
    const { data } = await engine.until('ChildRunStarted');
    const { runId } = data as { readonly runId: string };
    await engine.until('TaskScheduled', runId);
    return runId;
  };

  it('goes on when the end of its child is durable, though the answer to that append was lost', async () => {
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const mine = await boot('w1', () => finished.then(() => 'w1'));
    await withChild(mine, PARENT);
    losesAnswerOf = 'RunSucceeded';
    finish();
    await seconds(5);
    expect(await mine.outputs()).toEqual({ by: 'w1' });
  });

  it('goes on when another owner ended its child and was gone then, however that is noticed first', async () => {
    const mine = await boot('w1', () => undefined);
    const child = await withChild(mine, PARENT);
    const other = await bootForOnly((stream) => stream !== 'run-r1');
    await other.owner.send(child, { type: 'CancelRun', actor: 'user:ann', reason: '' });
    await settle();
    await other.crash();
    // By a claim, say, before the tail brings it.
    await mine.owner.renewed(child);
    mine.owner.heed(child, (await mine.events(child)).length - 1, true);
    await seconds(2);
    expect((await mine.until('RunFailed')).data).toMatchObject({ error: { code: 'CANCELLED' } });
  });

  it('has its child ended when another owner gave that up and was gone then', async () => {
    const mine = await boot('w1', ({ task }) => (task === 'b' ? 'b' : undefined));
    const child = await withChild(mine, HASTY);
    const other = await bootForOnly((stream) => stream === 'run-r1');
    await mine.owner.peek(child);
    await other.owner.send('r1', { type: 'CancelRun', actor: 'user:ann', reason: '' });
    await settle();
    await other.crash();
    mine.owner.heed('r1', (await mine.events()).length - 1, true);
    await seconds(2);
    expect((await mine.events(child)).map(({ type }) => type)).toContain('RunCancelled');
  });

  it('has its child ended when it gave that up itself, though the answer to that append was lost', async () => {
    const mine = await boot('w1', ({ runId }) => (runId === 'r1' ? 'b' : undefined));
    const child = await withChild(mine, HASTY);
    losesAnswerOf = 'TaskAttemptFailed';
    await seconds(61);
    await mine.until('TaskAttemptFailed');
    await seconds(5);
    expect((await mine.events(child)).map(({ type }) => type)).toContain('RunCancelled');
    expect((await mine.until('RunFailed')).data).toMatchObject({ error: { code: 'TIMED_OUT' } });
  });
});
