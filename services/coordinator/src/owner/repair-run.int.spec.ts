import { afterEach, describe, expect, it } from '@jest/globals';
import { agent, startEngine, type Engine, type Handler } from '../testing/engine.js';

type Work = Parameters<Handler>[0];
const AGENTS = [agent('worker', ['work', 'undo'])];
const CHAIN = `
steps:
  a: {capability: work, with: {x: a}}
  b: {needs: a, capability: work, with: {x: "\${{ inputs.x }}"}}
  c: {needs: b, capability: work, with: {from: "\${{ steps.b.output.x }}"}}
outputs: {c: "\${{ steps.c.output.from }}"}
`;

describe('a run that somebody repairs', () => {
  let engine: Engine;
  afterEach(() => engine.close());
  let breaks: (work: Work) => boolean = () => false;

  const start = async (definition: string): Promise<void> => {
    engine = await startEngine(
      `name: wf\n${definition}`,
      (work) => {
        if (breaks(work)) throw new RangeError('broke');
        return work.input ?? {};
      },
      AGENTS,
    );
    await engine.start('wf', { x: 'bad' });
  };
  const repair = (what: Partial<{ steps: readonly string[]; inputs: object; outputs: object; repairId: string }>) => {
    const stored = (values: object = {}) =>
      Object.fromEntries(Object.entries(values).map(([id, value]) => [id, { inline: value as string }]));
    const { steps = null, inputs, outputs, repairId = 'repair-1' } = what;
    return engine.owner.send('r1', {
      ...{
        type: 'RepairRun',
        repairId,
        steps,
        inputs: stored(inputs),
        outputs: stored(outputs),
        actor: 'user:eve',
        reason: 'looked at it',
      },
    });
  };
  const tasks = (): readonly string[] => engine.executed.map(({ task }) => task);

  it('goes on from the step that failed, with other input, and does nothing again that was done', async () => {
    breaks = ({ input }) => (input as { x?: string }).x === 'bad';
    await start(CHAIN);
    await engine.until('RunFailed');
    await repair({ inputs: { b: { x: 'good' } } });
    expect(await engine.outputs()).toEqual({ c: 'good' });
    expect(tasks()).toEqual(['a', 'b', 'b~2', 'c~2']);
    expect((await engine.until('RunRepaired')).data).toMatchObject({ steps: ['b', 'c'], repairedBy: 'user:eve', reason: 'looked at it' });
  });

  it('does a step anew from its first time that waits for its next when what it needs is done anew', async () => {
    await start(`
steps:
  a: {capability: work, with: {x: a}}
  b: {needs: a, capability: work, with: {n: "\${{ iteration }}"}, repeat: {until: "\${{ iteration = 2 }}", delay: 1m}}
`);
    await engine.until('RepetitionDecided');
    await engine.owner.send('r1', { type: 'PauseRun', actor: 'user:eve', reason: '' });
    await repair({ steps: ['a'] });
    await engine.runtime.advance(61_000);
    await engine.owner.send('r1', { type: 'ResumeRun', actor: 'user:eve', reason: '' });
    await engine.until('RepetitionDecided', 'r1', 2);
    await engine.runtime.advance(61_000);
    await engine.until('RunSucceeded');
    expect(engine.executed.map(({ step, input }) => [step, (input as { n?: number }).n])).toEqual([
      ['a', undefined],
      ['b', 1],
      ['a', undefined],
      ['b', 1],
      ['b', 2],
    ]);
  });

  it('takes the same request twice for once', async () => {
    breaks = ({ task }) => task === 'b';
    await start(CHAIN);
    await engine.until('RunFailed');
    await repair({});
    expect((await repair({})).events).toEqual([]);
    await engine.until('RunSucceeded');
    expect(tasks()).toEqual(['a', 'b', 'b~2', 'c~2']);
  });

  it('passes over a step that counts as done with the given output, in a run that failed and in one that waits', async () => {
    breaks = ({ step }) => step === 'b';
    await start(CHAIN);
    await engine.until('RunFailed');
    await repair({ steps: [], outputs: { b: { x: 'by hand' } } });
    expect(await engine.outputs()).toEqual({ c: 'by hand' });
    expect(tasks()).toEqual(['a', 'b', 'c~2']);
    await engine.close();

    breaks = () => false;
    await start(CHAIN.replace('capability: work, with: {x: "${{ inputs.x }}"}', 'sleep: 7d'));
    await engine.until('TimerStarted');
    await repair({ steps: [], outputs: { b: { x: 'no need to wait' } } });
    expect(await engine.outputs()).toEqual({ c: 'no need to wait' });
    expect((await engine.events()).map(({ type }) => type)).toContain('TaskCancelled');
  });

  it('goes back to a point of a run that has succeeded: that step and all that needs it are done anew', async () => {
    breaks = () => false;
    await start(CHAIN);
    await engine.until('RunSucceeded');
    await repair({ steps: ['b'] });
    await engine.until('RunSucceeded', 'r1', 2);
    expect(tasks()).toEqual(['a', 'b', 'c', 'b~2', 'c~2']);
  });

  it('does again what a compensation has undone', async () => {
    breaks = ({ task }) => task === 'c';
    await start(CHAIN.replace('with: {x: a}', 'with: {x: a}, compensate: {capability: undo}'));
    await engine.until('RunFailed');
    await repair({});
    await engine.until('RunSucceeded');
    expect(tasks()).toEqual(['a', 'b', 'c', 'undo:a', 'a~2', 'b~2', 'c~2']);
  });

  it('takes up a cancelled run where it was broken off', async () => {
    breaks = () => false;
    await start(CHAIN.replace('capability: work, with: {x: "${{ inputs.x }}"}', 'sleep: 7d'));
    await engine.until('TimerStarted');
    await engine.owner.send('r1', { type: 'CancelRun', actor: 'user:eve', reason: 'enough' });
    await engine.until('RunCancelled');
    await repair({});
    await engine.until('TimerStarted', 'r1', 2);
    await engine.runtime.advance(8 * 86_400_000);
    await engine.until('RunSucceeded');
  });

  it('does of a list only what was not done', async () => {
    breaks = ({ task }) => task === 'each[1]';
    await start(
      `
steps:
  each: {capability: work, forEach: {items: "\${{ [1..4] }}", concurrency: 2}, with: {x: "\${{ item }}"}}
outputs: {all: "\${{ steps.each.output.x }}"}
`,
    );
    await engine.until('RunFailed');
    const done = (await engine.events()).flatMap(({ type, data }) => (type === 'TaskSucceeded' ? [data.task] : []));
    await repair({});
    expect(await engine.outputs()).toEqual({ all: [1, 2, 3, 4] });
    const again = engine.executed.map(({ task }) => task).filter((task) => task.endsWith('~2'));
    expect(again.toSorted()).toEqual(
      ['each[0]', 'each[1]', 'each[2]', 'each[3]'].filter((task) => !done.includes(task)).map((task) => `${task}~2`),
    );
  });

  it('goes on with what was broken off, too, when only a step is passed over', async () => {
    breaks = ({ step }) => step === 'b';
    await start('steps: {a: {sleep: 1h}, b: {capability: work}}');
    await engine.until('StepFailed');
    await engine.owner.send('r1', { type: 'CancelRun', actor: 'user:eve', reason: 'enough' });
    await engine.until('RunCancelled');
    await repair({ steps: [], outputs: { b: {} } });
    await engine.until('TimerStarted', 'r1', 2);
    await engine.runtime.advance(2 * 3_600_000);
    await engine.until('RunSucceeded');
  });

  it('is as repaired after a crash', async () => {
    let silent = true;
    breaks = ({ task }) => task === 'b';
    engine = await startEngine(
      `name: wf\n${CHAIN}`,
      (work) => {
        if (breaks(work)) throw new RangeError('broke');
        return work.task === 'b~2' && silent ? undefined : (work.input ?? {});
      },
      AGENTS,
    );
    await engine.start('wf', { x: 'bad' });
    await engine.until('RunFailed');
    await repair({ inputs: { b: { x: 'good' } } });
    await engine.until('TaskScheduled', 'r1', 3);
    await engine.crash();
    silent = false;
    await engine.boot('w2', AGENTS);
    await engine.owner.recover('r1');
    expect(await engine.outputs()).toEqual({ c: 'good' });
  });

  it.each([
    ['a run with nothing to retry', {}, 'NOT_REPAIRABLE', 'name the steps to do anew'],
    ['a step that is not there', { steps: ['x'] }, 'INVALID_REQUEST', 'has no step "x"; steps are a, b, c'],
    [
      'input for a step that is not done anew',
      { steps: ['c'], inputs: { a: {} } },
      'INVALID_REQUEST',
      'which is not done anew; expected one of c',
    ],
  ])('refuses %s', async (_, what, code, message) => {
    breaks = () => false;
    await start(CHAIN);
    await engine.until('RunSucceeded');
    await expect(repair(what)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });
});
