import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TASK_ASSIGNED, tasksTopic, WORKERS_GROUP } from '@tutti/contracts';
import { createInMemoryEventBus, type InMemoryEventBus } from '@tutti/event-bus/testing';
import { TuttiError, type JsonValue } from '@tutti/kernel';
import { silentLogger } from '@tutti/service-kit';
import { ForeignRuns } from '../owner/foreign-runs.js';
import type { RunOwner } from '../owner/run-owner.js';
import { notOwner } from '../ownership/ownership.js';
import { agent, startEngine, type Engine } from '../testing/engine.js';
import { RunPlans } from '../workflow/run-plans.js';
import { DeadCommands } from './dead-commands.js';

const TOPIC = tasksTopic('default');
const ONE = 'name: one\nsteps: {a: {capability: work}}\noutputs: {a: "${{ steps.a.output }}"}';

describe('a command that became a dead letter', () => {
  let engine: Engine;
  let bus: InMemoryEventBus;
  let commands: DeadCommands;
  let refusals = 0;
  beforeEach(async () => {
    refusals = 0;
    engine = await startEngine(ONE, ({ attempt }) => (attempt < 3 ? undefined : `at attempt ${attempt}`), [agent('worker', ['work'])]);
    bus = createInMemoryEventBus(engine.runtime);
    const send: Engine['owner']['send'] = (...given) => {
      if (refusals-- > 0) return Promise.reject(new TuttiError('DISK_FULL', 'no space'));
      return engine.owner.send(...given);
    };
    commands = newCommands({ send, owns: () => true });
    await bus.subscribe({
      ...{ topic: TOPIC, group: WORKERS_GROUP, member: 'w1', maxDeliveries: 2, retryDelayMs: 1 },
      handle: () => Promise.reject(new Error('cannot be read')),
    });
    await commands.start();
    await engine.start('one', {});
    await engine.until('TaskScheduled');
  });
  afterEach(() => engine.close());

  const newCommands = (owner: Pick<RunOwner, 'send' | 'owns'>): DeadCommands => {
    const { store, runtime, values } = engine;
    const foreign = new ForeignRuns({ store, plans: new RunPlans(engine.plans, values), runtime });
    return new DeadCommands({ bus, owner, foreign, ids: runtime.ids, logger: silentLogger, pool: 'default' });
  };
  const publish = async (payload: JsonValue, type = TASK_ASSIGNED): Promise<void> => {
    await bus.publish(TOPIC, [{ id: 'c', type, key: 'r1/a', payload }]);
    for (let second = 0; second < 20; second++) await engine.runtime.advance(1_000);
  };
  const command = (attempt: number, runId = 'r1') => ({
    ...{ runId, task: 'a', step: 'a', capability: 'work', attempt, agent: 'worker', agentVersion: '1.0.0' },
  });
  const lost = async () => (await engine.events('r1')).filter(({ type }) => type === 'TaskAttemptFailed').map(({ data }) => data);

  it('makes its attempt lost, so that the task is tried again, and stays where people see it', async () => {
    await publish(command(1));
    expect(await lost()).toMatchObject([
      { attempt: 1, cause: 'lost', error: { code: 'WORKER_LOST', message: expect.stringContaining('the last time: cannot be read') } },
    ]);
    await publish(command(2));
    expect(await engine.outputs()).toEqual({ a: 'at attempt 3' });
    expect(await bus.deadLetters.list({ topic: TOPIC })).toHaveLength(2);
  });

  it('is told again until the owner can record it', async () => {
    refusals = 3;
    await publish(command(1));
    expect(await lost()).toHaveLength(1);
  });

  it('changes nothing when the attempt no longer counts, the run is unknown, or it assigned nothing', async () => {
    await publish(command(7));
    await publish(command(1, 'nobody'));
    await publish(command(1), 'tutti.task.cancelled.v1');
    await publish({ surprise: true });
    expect(await lost()).toEqual([]);
    expect((await bus.deadLetters.list()).filter(({ topic }) => topic !== TOPIC)).toEqual([]);
  });

  it('is acted on by one of several owners', async () => {
    const other = newCommands(engine.owner);
    await other.start();
    await publish(command(1));
    await other.stop();
    expect(await lost()).toHaveLength(1);
  });

  it('makes its attempt lost, too, where another coordinator hears of it than the one that answers for the run', async () => {
    await commands.stop();
    const elsewhere = newCommands({ owns: () => false, send: (runId) => Promise.reject(notOwner(runId)) });
    await elsewhere.start();
    await publish(command(1));
    await elsewhere.stop();
    expect(await lost()).toMatchObject([{ attempt: 1, cause: 'lost' }]);
  });

  it('is heard of after a restart too', async () => {
    await commands.stop();
    await publish(command(1));
    expect(await lost()).toEqual([]);
    await commands.start();
    await publish({ surprise: true });
    expect(await lost()).toHaveLength(1);
  });

  it('fails the task when its commands die wherever it goes', async () => {
    await engine.close();
    engine = await startEngine(ONE, () => undefined, [agent('worker', ['work'])]);
    bus = createInMemoryEventBus(engine.runtime);
    commands = newCommands(engine.owner);
    await commands.start();
    await bus.subscribe({
      topic: TOPIC,
      group: WORKERS_GROUP,
      member: 'w1',
      maxDeliveries: 1,
      handle: () => Promise.reject(new Error('no')),
    });
    await engine.start('one', {});
    for (let attempt = 1; attempt <= 11; attempt++) await publish(command(attempt));
    expect(await engine.until('RunFailed')).toMatchObject({ data: { error: { code: 'WORKER_LOST' } } });
    expect(await lost()).toHaveLength(11);
  });
});
