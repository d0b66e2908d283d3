import { afterEach, describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@tutti/contracts';
import { agent, startEngine, type Engine } from '../testing/engine.js';

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { readonly type: Type }>;

const AGENTS = [agent('worker', ['work'])];

describe('a gate that asks a person once its other tries are used up', () => {
  let engine: Engine;
  afterEach(() => engine.close());

  const start = async (onFail: string): Promise<void> => {
    const gates = `gates: [{name: check, type: expression, expression: "\${{ output.good }}", onFail: {${onFail}}}]`;
    engine = await startEngine(
      `name: wf\nsteps:\n  a: {capability: work}\n  b: {needs: a, capability: work, ${gates}}\noutputs: {b: "\${{ steps.b.output }}"}\n`,
      ({ step, feedback }) => ({ step, good: false, told: feedback.length }),
      AGENTS,
    );
    await engine.start('wf', {});
  };
  const tasks = (): readonly string[] => engine.executed.map(({ step }) => step);
  const decide = async (approved: boolean): Promise<void> => {
    const { approvalId, payloadHash } = ((await engine.until('ApprovalRequested')) as EventOf<'ApprovalRequested'>).data;
    const command = { type: 'DecideApproval', approvalId, approved, payloadHash, actor: 'user:ann', reason: '' } as const;
    await engine.owner.send('r1', command);
  };
  const actions = async (): Promise<readonly string[]> =>
    (await engine.events()).flatMap((event) => (event.type === 'GateEvaluated' ? [event.data.action] : []));

  it.each([
    ['action: retry, maxAttempts: 2', ['retry', 'retry', 'ask'], ['a', 'b', 'b', 'b']],
    ['action: goto, step: a, maxVisits: 1', ['goto', 'ask'], ['a', 'b', 'a', 'b']],
  ])('%s: goes on with what the person takes, and does nothing again for it, also after a crash', async (onFail, before, worked) => {
    await start(`${onFail}, otherwise: {action: approval, title: "Take \${{ output.step }}?", approvers: ["user:ann"]}`);
    const asked = (await engine.until('ApprovalRequested')) as EventOf<'ApprovalRequested'>;
    expect(asked.data).toMatchObject({ title: 'Take b?', approvers: ['user:ann'] });
    expect(await actions()).toEqual(before);
    await engine.crash();
    await engine.boot('w1', AGENTS);
    await engine.owner.recover('r1');
    await decide(true);
    expect(await engine.outputs()).toMatchObject({ b: { step: 'b', good: false } });
    expect(tasks()).toEqual(worked);
  });

  it('fails when the person refuses it, too', async () => {
    await start('action: retry, maxAttempts: 1, otherwise: {action: approval}');
    await decide(false);
    expect((await engine.until('RunFailed')).data).toMatchObject({ error: { code: 'GATE_FAILED' }, step: 'b' });
    expect(await actions()).toEqual(['retry', 'ask', 'fail']);
  });

  it('asks nobody where nothing says so', async () => {
    await start('action: retry, maxAttempts: 1');
    await engine.until('RunFailed');
    expect(await actions()).toEqual(['retry', 'fail']);
  });
});
