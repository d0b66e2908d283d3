import { afterEach, describe, expect, it } from '@jest/globals';
import { hashJson } from '@tutti/kernel';
import { agent, startEngine, type Engine, type Handler } from '../testing/engine.js';

describe('a run', () => {
  let engine: Engine;
  afterEach(() => engine.close());

  const start = async (definition: string, handler: Handler, agents = [agent('worker', ['work'])]): Promise<void> => {
    engine = await startEngine(`name: wf\n${definition}`, handler, agents);
  };

  it('takes steps in the order of their needs and hands outputs on', async () => {
    await start(
      `
steps:
  first: {capability: work, with: {text: "\${{ inputs.text }}"}}
  second-step: {capability: work, needs: first, with: {text: "\${{ steps.first.output.text }}!", n: "\${{ $length(steps.first.output.text) }}"}}
  last: {capability: work, needs: second-step, with: {text: "\${{ steps.second-step.output.text }}"}}
outputs: {text: "\${{ steps.last.output.text }}", n: "\${{ steps.second-step.output.n + 0 }}"}
`,
      ({ input }) => input,
    );
    await engine.start('wf', { text: 'a' });
    expect(await engine.outputs()).toEqual({ text: 'a!', n: 1 });
    expect(engine.executed.map(({ step }) => step)).toEqual(['first', 'second-step', 'last']);
  });

  it('skips a step whose condition is false, and what needs it', async () => {
    await start(
      `
steps:
  a: {capability: work}
  b: {capability: work, needs: a, if: "\${{ steps.a.output.go = true }}"}
  c: {capability: work, needs: b}
  d: {capability: work, needs: b, if: "\${{ always() }}"}
`,
      () => ({ go: false }),
    );
    await engine.start('wf', {});
    await engine.until('RunSucceeded');
    expect(engine.executed.map(({ step }) => step)).toEqual(['a', 'd']);
  });

  it('fans out in windows of its concurrency and joins in order', async () => {
    let open = 0;
    let most = 0;
    await start(
      `
steps:
  each: {capability: work, forEach: {items: "\${{ inputs.list }}", concurrency: 3}, with: {n: "\${{ item }}", i: "\${{ index }}"}}
outputs: {all: "\${{ steps.each.output }}"}
`,
      async ({ input }) => {
        most = Math.max(most, ++open);
        await new Promise((resolve) => setImmediate(resolve));
        open--;
        return (input as { n: number }).n * 2;
      },
    );
    await engine.start('wf', { list: [1, 2, 3, 4, 5, 6, 7] });
    expect(await engine.outputs()).toEqual({ all: [2, 4, 6, 8, 10, 12, 14] });
    expect(most).toBe(3);
  });

  it('joins an empty list to an empty list', async () => {
    await start(
      'steps: {each: {capability: work, forEach: {items: "${{ inputs.list }}"}}}\noutputs: {all: "${{ steps.each.output }}"}',
      () => 1,
    );
    await engine.start('wf', { list: [] });
    expect(await engine.outputs()).toEqual({ all: [] });
  });

  it('retries a failed attempt after its backoff and fails when the attempts are used up', async () => {
    await start('steps: {a: {capability: work, retry: {maxAttempts: 3, initialInterval: 10s, backoff: 2, jitter: 0}}}', () => {
      throw new Error('boom');
    });
    await engine.start('wf', {});
    await engine.until('TaskAttemptFailed');
    await engine.runtime.advance(9_999);
    expect(engine.executed).toHaveLength(1);
    await engine.runtime.advance(1);
    await engine.until('TaskAttemptFailed', 'r1', 2);
    await engine.runtime.advance(20_000);
    const failed = await engine.until('RunFailed');
    expect(engine.executed.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(failed.data).toMatchObject({ step: 'a', error: { code: 'AGENT_FAILED' } });
  });

  it('does not retry what the agent calls final', async () => {
    await start('steps: {a: {capability: work, retry: {maxAttempts: 3}}}', () => {
      throw new RangeError('never');
    });
    await engine.start('wf', {});
    await engine.until('RunFailed');
    expect(engine.executed).toHaveLength(1);
  });

  it('ends an attempt at its deadline, calls it back, and takes no late result', async () => {
    let finish: (value: string) => void = () => undefined;
    await start('steps: {a: {capability: work, timeout: 5s}}', () => new Promise((resolve) => (finish = resolve)));
    await engine.start('wf', {});
    await engine.until('TaskScheduled');
    for (let i = 0; engine.executed.length === 0 && i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
    await engine.runtime.advance(5_000);
    expect((await engine.until('TaskAttemptFailed')).data).toMatchObject({ cause: 'timeout', worker: 'w1' });
    await engine.until('RunFailed');
    finish('too late');
    await engine.until('TaskResultSuperseded');
  });

  it('hands a failed gate’s reason to the next attempt', async () => {
    await start(
      `
steps:
  a:
    capability: work
    gates: [{name: long-enough, type: expression, expression: "\${{ output.n >= 2 }}", message: too short, onFail: {action: retry, maxAttempts: 3}}]
`,
      ({ feedback }) => ({ n: feedback.length === 0 ? 1 : 2, because: feedback.map(({ message }) => message).join() }),
    );
    await engine.start('wf', {});
    await engine.until('RunSucceeded');
    expect(engine.executed.map(({ feedback }) => feedback.map(({ gate }) => gate))).toEqual([[], ['long-enough']]);
  });

  it('fails an attempt whose output does not match the step’s schema', async () => {
    await start(
      'steps: {a: {capability: work, output: {type: object, required: [n]}, retry: {maxAttempts: 2, initialInterval: 1ms}}}',
      ({ attempt }) => (attempt === 1 ? {} : { n: 1 }),
    );
    await engine.start('wf', {});
    await engine.until('TaskAttemptFailed');
    await engine.runtime.advance(10);
    await engine.until('RunSucceeded');
    expect(engine.executed[1]?.feedback[0]).toMatchObject({ gate: 'output' });
  });

  it('goes back to an earlier step when a gate says so, and runs what depends on it again', async () => {
    await start(
      `
steps:
  plan: {capability: work}
  build: {capability: work, needs: plan}
  check:
    capability: work
    needs: build
    gates: [{name: good, type: expression, expression: "\${{ output.good }}", onFail: {action: goto, step: plan, maxVisits: 1}}]
`,
      ({ task }) => ({ good: task.endsWith('~2') }),
    );
    await engine.start('wf', {});
    await engine.until('RunSucceeded');
    expect(engine.executed.map(({ task }) => task)).toEqual(['plan', 'build', 'check', 'plan~2', 'build~2', 'check~2']);
    expect(engine.executed[3]?.feedback).toHaveLength(1);
  });

  it('waits for an approval that is bound to its payload', async () => {
    await start(
      `
steps:
  a: {capability: work, gates: [{name: ok, type: approval, title: "Approve \${{ output.x }}", payload: "\${{ output }}"}]}
outputs: {by: "\${{ steps.a.approvals.ok.decidedBy }}"}
`,
      () => ({ x: 1 }),
    );
    await engine.start('wf', {});
    const { data } = await engine.until('ApprovalRequested');
    expect(data).toMatchObject({ title: 'Approve 1', payloadHash: hashJson({ x: 1 }), approvalId: 'r1.a.ok.1' });
    const decide = (payloadHash: string, actor = 'user:ann') =>
      engine.owner.send(
        'r1',
        { type: 'DecideApproval', approvalId: 'r1.a.ok.1', approved: true, payloadHash, actor, reason: '' },
        { actor },
      );
    await expect(decide(hashJson({ x: 2 }))).rejects.toMatchObject({ code: 'PAYLOAD_CHANGED' });
    await decide(hashJson({ x: 1 }));
    expect(await engine.outputs()).toEqual({ by: 'user:ann' });
    await expect(decide(hashJson({ x: 1 }))).resolves.toMatchObject({ events: [] });
    await expect(decide(hashJson({ x: 1 }), 'user:bob')).rejects.toMatchObject({ code: 'APPROVAL_DECIDED' });
    expect(engine.executed).toHaveLength(1);
  });

  it('waits for an agent that does not exist yet', async () => {
    await start('steps: {a: {capability: rare}}', () => 'done');
    await engine.start('wf', {});
    await engine.until('TaskScheduled');
    expect(engine.router.waitingCount()).toBe(1);
    await engine.channel.announce({ worker: 'w1', pool: 'default', agents: [agent('late', ['rare'])], holding: [] });
    await engine.until('RunSucceeded');
  });

  it('never gives an agent more than its limit, and serves those that wait in order', async () => {
    let open = 0;
    let most = 0;
    await start(
      'steps: {a: {capability: work}}',
      async () => {
        most = Math.max(most, ++open);
        await new Promise((resolve) => setImmediate(resolve));
        open--;
        return 1;
      },
      [agent('worker', ['work'], 2)],
    );
    const runs = Array.from({ length: 20 }, (_, index) => `r${index}`);
    await Promise.all(runs.map((id) => engine.start('wf', {}, id)));
    for (const id of runs) await engine.until('RunSucceeded', id);
    expect(most).toBe(2);
    expect(engine.executed.map(({ runId }) => runId)).toEqual(runs);
  });

  it('cancels what is out and ends at once', async () => {
    await start('steps: {a: {capability: work}}', () => undefined);
    await engine.start('wf', {});
    await engine.until('TaskScheduled');
    await engine.owner.send('r1', { type: 'CancelRun', actor: 'user:ann', reason: 'enough' }, { actor: 'user:ann' });
    expect((await engine.events()).map(({ type }) => type)).toEqual(['RunStarted', 'TaskScheduled', 'TaskCancelled', 'RunCancelled']);
    await expect(engine.owner.send('r1', { type: 'CancelRun', actor: 'user:ann', reason: '' })).resolves.toMatchObject({ events: [] });
  });

  it('goes on after a crash: what was finished stays finished, what was lost runs again', async () => {
    let answer = false;
    await start(
      `
steps:
  a: {capability: work}
  b: {capability: work, needs: a}
`,
      ({ step }) => (step === 'a' || answer ? step : undefined),
    );
    await engine.start('wf', {});
    await engine.until('TaskScheduled', 'r1', 2);
    await engine.crash();
    answer = true;
    await engine.boot('w2', [agent('worker', ['work'])]);
    await engine.owner.recover('r1');
    await engine.until('RunSucceeded');
    expect(engine.executed.map(({ task, attempt }) => `${task}#${attempt}`)).toEqual(['a#1', 'b#1', 'b#2']);
  });

  it('ends an expression that never comes to an end', async () => {
    await start(
      'steps: {a: {capability: work, with: {x: "${{ inputs.nope.($f := function($n){ $f($n) }; 1) }}", y: "${{ $pad(\\"x\\", 2e8) }}"}}}',
      () => 1,
    );
    await engine.start('wf', {});
    expect((await engine.until('StepFailed')).data).toMatchObject({ error: { code: 'EXPRESSION_FAILED' } });
    await engine.until('RunFailed');
  });
});
