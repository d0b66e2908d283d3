import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { partitionOf, type RunEvent } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { sha256Hex } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { silentLogger } from '@tutti/service-kit';
import type { Ownership } from '../ownership/ownership.js';
import { RunTail } from '../ownership/run-tail.js';
import { agent, Engine } from '../testing/engine.js';
import { RunPlans } from '../workflow/run-plans.js';
import { ForeignRuns } from './foreign-runs.js';

const ONE_STEP = 'name: wf\nsteps: {a: {capability: work}}\noutputs: {by: "${{ steps.a.output }}"}';
const LIMITED = 'name: wf\nsteps: {a: {capability: work, concurrency: {key: shared, limit: 3}}}';
const LIMIT = 3;

describe('several owners of runs on one store', () => {
  let runtime: ManualRuntime;
  let store: EventStore;
  let engines: Engine[];
  let tails: RunTail[];
  let split: number;
  let listeners: (() => void)[];

  beforeEach(() => {
    runtime = createManualRuntime();
    store = createInMemoryEventStore(runtime);
    [engines, tails, listeners, split] = [[], [], [], 128];
  });
  afterEach(async () => {
    for (const tail of tails) await tail.stop();
    for (const engine of engines) await engine.close();
  });

  /** The first owns the partitions below the split, the second the others. */
  const boot = async (index: number): Promise<Engine> => {
    const engine = new Engine(store, runtime, () => `w${index}`);
    engines.push(engine);
    const ownership: Ownership = {
      alone: false,
      owns: (runId) => partitionOf(runId) < split === (index === 0),
      onChange: (listener) => {
        listeners.push(listener);
        return () => undefined;
      },
    };
    await engine.boot(`w${index}`, [agent('worker', ['work'], 100)], { ownership });
    const tail = new RunTail({ store, owner: engine.owner, ownership, runtime, logger: silentLogger });
    tails.push(tail);
    await tail.start(() => void takeUp(engine, ownership));
    return engine;
  };
  const takeUp = async ({ owner }: Engine, ownership: Ownership): Promise<void> => {
    for (const runId of runIds) if (ownership.owns(runId)) await owner.recover(runId).catch(() => undefined);
  };
  const runIds = Array.from({ length: 30 }, (_, number) => `run-${number}`);
  const move = (to: number): void => {
    split = to;
    for (const listener of listeners) listener();
  };
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 60; turn++) await new Promise((resolve) => setImmediate(resolve));
  };

  it('take up a run that somebody started without answering for it', async () => {
    const [first, second] = [await boot(0), await boot(1)];
    await first.register(ONE_STEP);
    await settle();
    await second.plans.refresh('wf');
    const theirs = runIds.find((runId) => partitionOf(runId) >= split) as string;
    const foreign = new ForeignRuns({ store, plans: new RunPlans(first.plans, first.values), runtime });
    const plan = first.plans.plan('wf', 0);
    const start = {
      type: 'StartRun',
      ...{ runId: theirs, workflow: 'wf', workflowVersion: 1, definitionHash: plan.hash, inputs: { inline: {} } },
      ...{ labels: {}, idempotencyKey: 'key', requestHash: sha256Hex('request'), actor: 'service:coordinator' },
    } as const;
    const begun = await foreign.start(plan, start, { actor: 'service:coordinator' });
    expect(begun.events.map(({ type }) => type)).toEqual(['RunStarted']);
    expect((await foreign.start(plan, start, { actor: 'service:coordinator' })).events).toEqual([]);
    await expect(foreign.start(plan, { ...start, requestHash: sha256Hex('another') }, { actor: 'x' })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    });
    expect(await second.outputs(theirs)).toEqual({ by: 'w1' });
  });

  it('give out no more permits of a limit together than it has, while runs move between them', async () => {
    const [first, second] = [await boot(0), await boot(1)];
    await first.register(LIMITED);
    await settle();
    await second.plans.refresh('wf');
    for (const runId of runIds) await (partitionOf(runId) < split ? first : second).start('wf', {}, runId);
    for (const to of [64, 200, 128, 0, 256]) {
      await settle();
      move(to);
      await settle();
      for (let second_ = 0; second_ < 30; second_++) {
        await runtime.advance(1_000);
        await settle();
      }
    }
    const ends = [];
    let [out, most] = [0, 0];
    for await (const event of store.readAll({ filter: { categories: ['run'] } })) {
      const { type, data } = event as unknown as RunEvent;
      if ((type === 'TaskScheduled' || type === 'TaskAssigned') && data.assignment !== null) out += 1;
      if (type === 'TaskSucceeded' || type === 'TaskAttemptFailed') out -= 1;
      if (type === 'RunSucceeded') ends.push(event.stream);
      most = Math.max(most, out);
    }
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(LIMIT);
    expect(new Set(ends).size).toBe(runIds.length);
  });
});
