import { afterEach, describe, expect, it } from '@jest/globals';
import type { TuttiError } from '@tutti/kernel';
import { agent, startEngine, type Engine } from '../testing/engine.js';

const AGENTS = [agent('worker', ['work'])];
const ONE_STEP = 'name: wf\nsteps: {a: {capability: work}}';
const NOBODY = 'name: wf\nsteps: {a: {capability: unknown, forEach: {items: "${{ [1..4] }}"}}}';

describe('an owner with too much to do', () => {
  let engine: Engine;
  afterEach(() => engine.close());

  const boot = async (definition: string, limits: object): Promise<void> => {
    engine = await startEngine(definition, () => undefined, AGENTS);
    await engine.crash();
    await engine.boot('w1', AGENTS, { limits });
  };
  const cancel = { type: 'CancelRun', actor: 'user:ann', reason: '' } as const;

  it('refuses to start a run beyond those it may have open, and takes the next when one has ended', async () => {
    await boot(ONE_STEP, { maxOpenRuns: 2 });
    await engine.start('wf', {}, 'r1');
    await engine.start('wf', {}, 'r2');
    await expect(engine.start('wf', {}, 'r3')).rejects.toMatchObject({ code: 'OVERLOADED', retryable: true });
    await engine.owner.send('r1', cancel);
    await engine.start('wf', {}, 'r3');
  });

  it('refuses to start runs while too many tasks wait for an agent; the open ones go on', async () => {
    await boot(NOBODY, { maxWaitingTasks: 4 });
    await engine.start('wf', {}, 'r1');
    await engine.until('TaskScheduled', 'r1', 4);
    await expect(engine.start('wf', {}, 'r2')).rejects.toMatchObject({
      code: 'OVERLOADED',
      message: expect.stringContaining('4 tasks wait'),
    });
    await engine.channel.announce({ worker: 'w2', pool: 'default', agents: [agent('expert', ['unknown'])], holding: [] });
    await engine.until('TaskAssigned', 'r1', 4);
    await engine.start('wf', {}, 'r2');
  });

  it('refuses what would wait for the turn of one run without end, and takes it later', async () => {
    await boot(ONE_STEP, { maxQueuedCommands: 3 });
    await engine.start('wf', {}, 'r1');
    const send = (index: number) => engine.owner.send('r1', { type: 'PauseRun', actor: 'user:ann', reason: `${index}` });
    const sent = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => send(index)));
    const refused = sent.flatMap((result) => (result.status === 'rejected' ? [(result.reason as TuttiError).code] : []));
    expect(refused.length).toBeGreaterThanOrEqual(10);
    expect(new Set(refused)).toEqual(new Set(['OVERLOADED']));
    await engine.owner.send('r1', cancel);
    await engine.until('RunCancelled');
  });
});
