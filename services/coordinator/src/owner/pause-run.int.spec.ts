import { afterEach, describe, expect, it } from '@jest/globals';
import { agent, startEngine, type Engine } from '../testing/engine.js';

const TWO = `
name: two
steps:
  a: {capability: work}
  b: {capability: work, needs: a}
outputs: {b: "\${{ steps.b.output }}"}
`;
const WIDE = `
name: wide
inputs: {type: object}
steps:
  all: {capability: work, forEach: {items: "\${{ inputs.items }}", concurrency: 10}}
outputs: {all: "\${{ steps.all.output }}"}
`;
const pause = { type: 'PauseRun', actor: 'user:a', reason: '' } as const;
const resume = { type: 'ResumeRun', actor: 'user:a', reason: '' } as const;

describe('a paused run with its owner', () => {
  let engine: Engine;
  afterEach(() => engine.close());

  const types = async (): Promise<readonly string[]> => (await engine.events('r1')).map(({ type }) => type);
  const idle = async (): Promise<void> => {
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
  };

  it('records what is under way, begins nothing, and goes on where it was', async () => {
    const held = Promise.withResolvers<string>();
    engine = await startEngine(TWO, ({ step }) => (step === 'a' ? held.promise : 'b'));
    await engine.start('two', {});
    await engine.until('TaskScheduled');
    await engine.owner.send('r1', pause);
    held.resolve('a');
    await engine.until('TaskSucceeded');
    await idle();
    expect((await types()).slice(-2)).toEqual(['RunPaused', 'TaskSucceeded']);
    await engine.owner.send('r1', resume);
    expect(await engine.outputs()).toEqual({ b: 'b' });
    expect(engine.executed.map(({ step }) => step)).toEqual(['a', 'b']);
  });

  it('gives up its place in the queue, leaves the free seat to another run, and takes its place again', async () => {
    const held = Promise.withResolvers<string>();
    engine = await startEngine(WIDE, ({ task, runId }) => (task === 'all[0]' && runId === 'r1' ? held.promise : `${runId} ${task}`), [
      agent('one', ['work'], 1),
    ]);
    await engine.start('wide', { items: [1, 2, 3] });
    await engine.until('TaskScheduled', 'r1', 3);
    await engine.owner.send('r1', pause);
    await engine.start('wide', { items: [1] }, 'r2');
    held.resolve('first');
    expect(await engine.outputs('r2')).toEqual({ all: ['r2 all[0]'] });
    await idle();
    expect((await types()).filter((type) => type === 'TaskAssigned')).toEqual([]);
    await engine.owner.send('r1', resume);
    expect(await engine.outputs('r1')).toEqual({ all: ['first', 'r1 all[1]', 'r1 all[2]'] });
  });

  it('stays paused over a crash, and gives away what its worker did not come back for once it goes on', async () => {
    engine = await startEngine(TWO, ({ step, attempt }) => (step === 'a' && attempt === 1 ? undefined : step));
    await engine.start('two', {});
    await engine.until('TaskScheduled');
    await engine.owner.send('r1', pause);
    await engine.crash();
    await engine.boot('w2', [agent('worker', ['work'])]);
    await engine.owner.recover('r1');
    await idle();
    expect((await types()).slice(-2)).toEqual(['RunPaused', 'TaskAttemptFailed']);
    await engine.owner.send('r1', resume);
    expect(await engine.outputs()).toEqual({ b: 'b' });
    expect(engine.executed.map(({ step, attempt }) => `${step}${attempt}`)).toEqual(['a1', 'a2', 'b1']);
  });

  it('ends an attempt at its deadline and does not spin on the retry that is due', async () => {
    engine = await startEngine(
      TWO.replace('a: {capability: work}', 'a: {capability: work, timeout: 5s, retry: {maxAttempts: 2}}'),
      ({ attempt, step }) => (step === 'a' && attempt === 1 ? undefined : step),
    );
    await engine.start('two', {});
    await engine.until('TaskScheduled');
    await engine.owner.send('r1', pause);
    await engine.runtime.advance(5_000);
    await engine.until('TaskAttemptFailed');
    await engine.runtime.advance(3_600_000);
    await idle();
    expect((await types()).slice(-2)).toEqual(['RunPaused', 'TaskAttemptFailed']);
    await engine.owner.send('r1', resume);
    expect(await engine.outputs()).toEqual({ b: 'b' });
  });
});
