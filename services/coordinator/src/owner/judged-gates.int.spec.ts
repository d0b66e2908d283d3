import { afterEach, describe, expect, it } from '@jest/globals';
import type { JsonValue } from '@tutti/kernel';
import { agent, startEngine, type Engine, type Handler } from '../testing/engine.js';

type Work = Parameters<Handler>[0];

const AGENTS = [agent('worker', ['work']), agent('strict', ['judge']), agent('mild', ['judge']), agent('runner', ['tutti.command'])];

describe('a gate that takes time', () => {
  let engine: Engine;
  afterEach(() => engine.close());

  const start = async (gate: string, answer: (work: Work) => JsonValue | undefined): Promise<void> => {
    engine = await startEngine(
      `name: wf\nsteps:\n  a:\n    capability: work\n    with: {text: draft}\n    gates: [{name: check, ${gate}}]\noutputs: {a: "\${{ steps.a.output }}"}\n`,
      (work) => (work.step === 'a' ? { text: 'draft', feedback: work.feedback.length } : answer(work)),
      AGENTS,
    );
    await engine.start('wf', {});
  };
  const verdicts = async (): Promise<readonly JsonValue[]> =>
    (await engine.events()).filter(({ type }) => type === 'GateEvaluated').map(({ data }) => data as unknown as JsonValue);
  const evidence = (of: JsonValue | undefined): unknown => (of as { evidence: unknown }).evidence;

  it('asks a judge after the result is recorded, and keeps its verdict with its reason, agent and version', async () => {
    await start('type: agent, capability: judge, with: {rule: short}', ({ input }) => ({
      passed: true,
      score: 0.9,
      reason: `looked at ${JSON.stringify(input)}`,
    }));
    await engine.until('RunSucceeded');
    const types = (await engine.events()).map(({ type }) => type);
    expect(types.indexOf('TaskSucceeded')).toBeLessThan(types.indexOf('GateStarted'));
    const [verdict] = await verdicts();
    expect(verdict).toMatchObject({ gateType: 'agent', passed: true, message: '1 of 1 passed it, 1 needed' });
    expect(evidence(verdict)).toEqual({
      needed: 1,
      verdicts: [
        {
          judge: expect.stringMatching(/strict|mild/),
          version: '1.0.0',
          passed: true,
          score: 0.9,
          reason: 'looked at {"output":{"text":"draft","feedback":0},"rule":"short"}',
        },
      ],
    });
  });

  it('asks a panel all at once, each of the named agents, and goes by how many must pass it', async () => {
    await start('type: agent, capability: judge, agents: [strict, mild, strict], pass: majority', ({ task }) => ({
      passed: task.includes('[1]'),
      reason: 'too long',
    }));
    const failed = await engine.until('RunFailed');
    expect(failed.data).toMatchObject({
      error: { code: 'GATE_FAILED', message: expect.stringContaining('1 of 3 passed it, 2 needed; strict: too long') },
    });
    const [verdict] = await verdicts();
    expect((evidence(verdict) as { verdicts: { judge: string }[] }).verdicts.map(({ judge }) => judge)).toEqual([
      'strict',
      'mild',
      'strict',
    ]);
  });

  it('takes a score below the least for a refusal', async () => {
    await start('type: agent, capability: judge, minScore: 0.8', () => ({ passed: true, score: 0.7 }));
    await engine.until('RunFailed');
    expect(evidence((await verdicts())[0])).toMatchObject({ verdicts: [{ passed: false, score: 0.7, belowMinScore: 0.8 }] });
  });

  it('sends the step back with the verdict as feedback, and judges what comes then', async () => {
    await start('type: agent, capability: judge, onFail: {action: retry, maxAttempts: 2}', ({ input }) => ({
      passed: (input as { output: { feedback: number } }).output.feedback > 0,
      reason: 'no sources',
    }));
    expect(await engine.outputs()).toEqual({ a: { text: 'draft', feedback: 1 } });
    expect(engine.executed.map(({ task }) => task)).toEqual(['a', 'gate:a.check', 'a', 'gate:a.check~2']);
    expect(engine.executed[2]?.feedback).toMatchObject([{ gate: 'check', message: expect.stringContaining('no sources') }]);
  });

  it('asks again when a judge answers with something that is no verdict, and fails the step when it goes on so', async () => {
    await start('type: agent, capability: judge', () => ({ opinion: 'fine' }));
    for (let attempt = 1; attempt < 3; attempt++) {
      await engine.until('TaskAttemptFailed', 'r1', attempt);
      await engine.runtime.advance(2_500);
    }
    const failed = await engine.until('RunFailed');
    expect(failed.data).toMatchObject({ error: { code: 'OUTPUT_INVALID', message: expect.stringContaining('came to no verdict') } });
    expect(await verdicts()).toEqual([]);
  });

  it('passes a command that exits with 0, and fails one that does not, with what it said', async () => {
    await start('type: command, run: "check \'${{ output.text }}\'"', ({ input }) => ({
      exitCode: 1,
      stdout: '',
      stderr: `ran ${JSON.stringify(input)}`,
    }));
    await engine.until('RunFailed');
    const [verdict] = await verdicts();
    expect(verdict).toMatchObject({
      gateType: 'command',
      message:
        'the program exited with 1: ran {"run":"check \'${TUTTI_1}\'","env":{"TUTTI_1":"draft"},"stdin":{"text":"draft","feedback":0}}',
    });
  });

  it('holds a number against its bounds', async () => {
    await start('type: metric, metric: value, value: "${{ $length(output.text) }}", max: 4', () => null);
    expect((await engine.until('RunFailed')).data).toMatchObject({
      error: { message: expect.stringContaining('value is 5; expected at most 4') },
    });
    await engine.close();
    await start('type: metric, metric: run.attempts, min: 1, max: 1', () => null);
    await engine.until('RunSucceeded');
    expect(evidence((await verdicts())[0])).toEqual({ metric: 'run.attempts', value: 1, min: 1, max: 1 });
  });

  it('goes on with the judge after a crash while it judges: the step does not run again, and one verdict counts', async () => {
    let crashed = false;
    await start('type: agent, capability: judge', () => (crashed ? { passed: true } : undefined));
    await engine.until('TaskScheduled', 'r1', 2);
    await engine.crash();
    crashed = true;
    await engine.boot('w2', AGENTS);
    await engine.owner.recover('r1');
    await engine.until('RunSucceeded');
    expect(engine.executed.map(({ task }) => task)).toEqual(['a', 'gate:a.check', 'gate:a.check']);
    expect(await verdicts()).toHaveLength(1);
  });

  it('calls the judge back when the run is cancelled', async () => {
    await start('type: agent, capability: judge', () => undefined);
    await engine.until('TaskScheduled', 'r1', 2);
    await engine.owner.send('r1', { type: 'CancelRun', actor: 'user:eve', reason: 'enough' });
    await engine.until('RunCancelled');
    expect((await engine.events()).filter(({ type }) => type === 'TaskCancelled').map(({ data }) => data)).toMatchObject([
      { task: 'gate:a.check' },
    ]);
  });
});
