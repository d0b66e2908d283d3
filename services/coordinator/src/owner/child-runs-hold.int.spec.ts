import { afterEach, describe, expect, it } from '@jest/globals';
import { TuttiError } from '@tutti/kernel';
import { agent, startEngine, type Engine, type Handler } from '../testing/engine.js';
import { failingStore } from '../testing/failing-store.js';

const AGENTS = [agent('worker', ['work', 'undo'])];
const by = { actor: 'user:ann', reason: '' };

describe('a child run that is held with its parent', () => {
  let engine: Engine;
  let childIsDeaf = false;
  afterEach(() => engine.close());

  const start = async (order: string, answer: Handler): Promise<string> => {
    childIsDeaf = false;
    engine = await startEngine('name: wf\nsteps: {buy: {workflow: order}}', answer, AGENTS, (store) =>
      failingStore(store, (stream) => {
        if (childIsDeaf && stream.includes('~')) throw new TuttiError('STORE_UNAVAILABLE', 'as the test says');
      }),
    );
    await engine.register(`name: order\n${order}`);
    await engine.start('wf', {});
    const { data } = await engine.until('ChildRunStarted');
    return (data as { readonly runId: string }).runId;
  };
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 300; turn++) await new Promise((resolve) => setImmediate(resolve));
  };

  it('is not held by what it could not be told before its parent went on', async () => {
    const child = await start('steps: {pay: {capability: work}}', () => undefined);
    await engine.until('TaskScheduled', child);
    childIsDeaf = true;
    await engine.owner.send('r1', { type: 'PauseRun', ...by });
    await settle();
    childIsDeaf = false;
    await engine.owner.send('r1', { type: 'ResumeRun', ...by });
    await settle();
    await engine.runtime.advance(3_000);
    await settle();
    expect((await engine.owner.peek(child)).state.status).toBe('running');
  });

  it('goes on with undoing what it has done when its parent is cancelled', async () => {
    let held = true;
    const child = await start(
      'steps: {pay: {capability: work, compensate: {capability: undo}}, ship: {needs: pay, capability: work}}',
      ({ step }) => {
        if (step === 'ship') throw new RangeError('no ship');
        return step === 'undo:pay' && held ? undefined : {};
      },
    );
    await engine.until('CompensationStarted', child);
    await engine.owner.send('r1', { type: 'PauseRun', ...by });
    await engine.until('RunPaused', child);
    await engine.owner.send('r1', { type: 'CancelRun', ...by });
    held = false;
    await engine.until('RunResumed', child);
    await engine.crash();
    await engine.boot('w2', AGENTS);
    await engine.owner.recover(child);
    await engine.until('RunFailed', child);
  });
});
