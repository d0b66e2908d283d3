import { afterEach, describe, expect, it } from '@jest/globals';
import type { RunInstruction } from './run-instruction.js';
import { agent, startEngine, type Engine, type Handler } from '../testing/engine.js';

type Work = Parameters<Handler>[0];

const AGENTS = [agent('worker', ['work', 'undo', 'report', 'judge'])];
const PANEL = '{name: check, type: agent, capability: judge, judges: 3}';
const by = { actor: 'user:eve', reason: 'enough' };
const repair = (repairId: string, inputs: Extract<RunInstruction, { type: 'RepairRun' }>['inputs'] = {}): RunInstruction => ({
  ...{ type: 'RepairRun', repairId, steps: null, inputs, outputs: {}, ...by },
});

describe('work that is broken off with its run', () => {
  let engine: Engine;
  afterEach(() => engine.close());

  const start = async (definition: string, answer: Handler): Promise<void> => {
    engine = await startEngine(`name: wf\n${definition}`, answer, AGENTS);
    await engine.start('wf', {});
  };
  const tasks = (): readonly string[] => engine.executed.map(({ task }) => task);

  it('is judged anew when a run that was cancelled while judges were at work is repaired', async () => {
    let quick = false;
    await start(`steps: {a: {capability: work, gates: [${PANEL}]}}`, ({ step }: Work) => {
      if (step === 'a') return {};
      return quick ? { passed: true } : undefined;
    });
    await engine.until('TaskScheduled', 'r1', 4);
    await engine.owner.send('r1', { type: 'CancelRun', ...by });
    await engine.until('RunCancelled');
    quick = true;
    await engine.owner.send('r1', repair('again'));
    await engine.until('RunSucceeded');
    expect(tasks().filter((task) => task === 'a')).toEqual(['a']);
  });

  it('does not keep a run that is cancelled while judges are at work from undoing what was done', async () => {
    await start(
      `steps: {a: {capability: work, compensate: {capability: undo}}, b: {needs: a, capability: work, gates: [${PANEL}]}}`,
      ({ step }: Work) => (step.startsWith('gate:') ? undefined : {}),
    );
    await engine.until('TaskScheduled', 'r1', 5);
    await engine.owner.send('r1', { type: 'CancelRun', ...by });
    await engine.until('RunCancelled');
    expect(tasks()).toContain('undo:a');
  });

  it('does not keep a run that takes too long while judges are at work from ending with its failure handler', async () => {
    await start(
      `timeout: 1m\nsteps: {a: {capability: work, gates: [{name: check, type: agent, capability: judge}]}}\nonFailure: {capability: report}`,
      ({ step }: Work) => (step.startsWith('gate:') ? undefined : {}),
    );
    await engine.until('TaskScheduled', 'r1', 2);
    await engine.runtime.advance(61_000);
    await engine.until('RunFailed');
    expect(tasks()).toContain('on-failure:');
  });

  it('is undone when a compensation that was ended by force comes up again after a repair', async () => {
    let held = true;
    await start(
      'steps: {a: {capability: work, compensate: {capability: undo}}, b: {needs: a, capability: work}}',
      ({ step, task }: Work) => {
        if (task.startsWith('b')) throw new RangeError('broke');
        return step === 'undo:a' && held ? undefined : {};
      },
    );
    await engine.until('CompensationStarted');
    await engine.owner.send('r1', { type: 'CancelRun', force: true, ...by });
    await engine.until('RunCancelled');
    held = false;
    await engine.owner.send('r1', repair('again'));
    await engine.until('CompensationStarted', 'r1', 2);
    await engine.until('RunFailed');
    expect((await engine.until('CompensationEnded')).data).toMatchObject({ compensated: ['a'], failed: [] });
  });

  it('is tried again with the input that a repair gave, when it is a run of its own', async () => {
    let broke = false;
    engine = await startEngine(
      'name: wf\nsteps: {a: {workflow: one, with: {x: bad}, retry: {maxAttempts: 2, initialInterval: 1s, jitter: 0}}}\noutputs: {a: "${{ steps.a.output }}"}',
      ({ input }: Work) => {
        if ((input as { x: string }).x === 'good' && broke) return input;
        broke = (input as { x: string }).x === 'good';
        throw new RangeError('broke');
      },
      AGENTS,
    );
    await engine.register(
      'name: one\nsteps: {w: {capability: work, with: {x: "${{ inputs.x }}"}}}\noutputs: {x: "${{ steps.w.output.x }}"}',
    );
    await engine.start('wf', {});
    await engine.until('TaskAttemptFailed');
    await engine.runtime.advance(1_000);
    await engine.until('RunFailed');
    await engine.owner.send('r1', repair('again', { a: { inline: { x: 'good' } } }));
    await engine.until('TaskAttemptFailed', 'r1', 3);
    await engine.runtime.advance(1_000);
    expect(await engine.outputs()).toEqual({ a: { x: 'good' } });
  });
});
