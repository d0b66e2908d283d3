import { describe, expect, it } from '@jest/globals';
import { Agent, type AgentTask, type JsonValue } from '@tutti/agent-sdk';
import { defineCapability, expr, workflow } from '@tutti/workflow-sdk';
import { z } from 'zod';
import { createTestKit, does, type TestAgents } from './index.js';

const reserve = defineCapability('stock.reserve', { input: z.object({ sku: z.string() }), output: z.object({ id: z.string() }) });
const charge = defineCapability('payment.charge', { input: z.object({ id: z.string() }), output: z.object({ receipt: z.string() }) });
const order = workflow('order', { inputs: z.object({ sku: z.string() }) })
  .step('reserve', { capability: reserve, with: ({ inputs }) => ({ sku: inputs.sku }) })
  .step('rest', { needs: 'reserve', sleep: '30d' })
  .step('charge', {
    needs: 'rest',
    capability: charge,
    with: ({ steps }) => ({ id: steps.reserve.output.id }),
    retry: { maxAttempts: 3 },
  })
  .outputs(({ steps }) => ({ receipt: steps.charge.output.receipt }));
const agents: TestAgents = {
  ...does(reserve, ({ sku }) => ({ id: `r-${sku}` })),
  ...does(charge, ({ id }) => ({ receipt: `for ${id}` })),
};
const DAY_MS = 86_400_000;

describe('a run in a test kit', () => {
  it('takes a month of simulated time and no time of the test’s', async () => {
    const kit = await createTestKit({ workflows: [order], agents, startAt: new Date('2030-05-01T00:00:00Z') });
    const run = await kit.start(order, { sku: 'x' });
    const { receipt } = await run.outputs();
    expect(receipt).toBe('for r-x');
    expect(kit.now.toISOString().slice(0, 10)).toBe('2030-05-31');
  });

  it('stands still between the calls', async () => {
    const kit = await createTestKit({ workflows: [order], agents });
    const run = await kit.start(order, { sku: 'x' });
    await run.until('reserve');
    const at = kit.now.getTime();
    await Promise.resolve();
    expect(kit.now.getTime()).toBe(at);
    await kit.advance('29d');
    expect(Math.round((kit.now.getTime() - at) / DAY_MS)).toBe(29);
    expect((await run.view()).steps.map(({ status }) => status)).toEqual([
      'STEP_STATUS_SUCCEEDED',
      'STEP_STATUS_WAITING',
      'STEP_STATUS_PENDING',
    ]);
    await kit.advance('2d');
    expect((await run.view()).status).toBe('RUN_STATUS_SUCCEEDED');
  });

  it('tries failing agents again, as often as the step says', async () => {
    const kit = await createTestKit({ workflows: [order], agents });
    kit.fail('payment.charge', { times: 2, code: 'CARD_REFUSED' });
    const run = await kit.start(order, { sku: 'x' });
    await run.outputs();
    expect(run.calls('payment.charge').map(({ attempt }) => attempt)).toEqual([1, 2, 3]);

    kit.fail('payment.charge', { times: 3, code: 'CARD_REFUSED' });
    const second = await kit.start(order, { sku: 'y' });
    await expect(second.outputs()).rejects.toThrow('CARD_REFUSED');
    await expect(second.outputs()).rejects.toMatchObject({ details: { step: 'charge' } });
  });

  it('can lose an answer after the effect, and a failure that makes no sense to repeat', async () => {
    const kit = await createTestKit({ workflows: [order], agents });
    kit.fail('payment.charge', { afterwards: true });
    const run = await kit.start(order, { sku: 'x' });
    await run.outputs();
    const [first, second, ...others] = run.calls('payment.charge');
    expect([first?.idempotencyKey, others.length]).toEqual([second?.idempotencyKey, 0]);

    kit.fail('stock.reserve', { retryable: false });
    await expect((await kit.start(order, { sku: 'x' })).outputs()).rejects.toThrow('INJECTED_FAILURE');
  });

  it('goes on after a crash, and does nothing again that has ended', async () => {
    const kit = await createTestKit({ workflows: [order], agents });
    const run = await kit.start(order, { sku: 'x' });
    await run.until('reserve');
    await kit.crash({ downFor: '5m' });
    await run.outputs();
    expect(run.calls().map(({ step }) => step)).toEqual(['reserve', 'charge']);
  });

  it('comes to the same end wherever it crashes', async () => {
    for (let events = 1; events <= 12; events++) {
      const kit = await createTestKit({ workflows: [order], agents, seed: events });
      const run = await kit.start(order, { sku: 'x' });
      kit.crashAfter(events);
      await expect(run.outputs()).resolves.toEqual({ receipt: 'for r-x' });
      expect(new Set(run.calls('payment.charge').map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
    }
  });

  it('gives an attempt in hand at a crash to the agent again, with the same idempotency key', async () => {
    const kit = await createTestKit({
      workflows: [order],
      agents: {
        ...agents,
        ...does(charge, async ({ id }, { sleep }) => {
          await sleep('1m');
          return { receipt: id };
        }),
      },
    });
    const run = await kit.start(order, { sku: 'x' });
    await run.until({ call: 'payment.charge' });
    await kit.crash();
    await run.outputs();
    const keys = run.calls('payment.charge').map(({ idempotencyKey }) => idempotencyKey);
    expect([keys.length, new Set(keys).size]).toEqual([2, 1]);
  });

  it('says at once, and says where the run is, when what is waited for will never be', async () => {
    const kit = await createTestKit({ workflows: [order], agents: does(reserve, () => ({ id: 'r' })) });
    const run = await kit.start(order, { sku: 'x' });
    await expect(run.until('ended')).rejects.toThrow(/no end by 2026-01-31.*charge waiting/);
    await run.cancel();
    await expect(run.until('charge')).rejects.toThrow('the run is cancelled');
  });
});

describe('fake agents', () => {
  const slow = workflow('slow')
    .step('think', { capability: 'mind.think', timeout: '1h', output: z.object({ thought: z.string() }) })
    .outputs(({ steps }) => ({ thought: steps.think.output.thought }));

  it('may wait for something outside: simulated time stands still meanwhile', async () => {
    const kit = await createTestKit({
      workflows: [slow],
      agents: {
        'mind.think': async () => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          return { thought: 'real' };
        },
      },
    });
    const before = kit.now.getTime();
    await expect((await kit.start(slow)).outputs()).resolves.toEqual({ thought: 'real' });
    expect(kit.now.getTime() - before).toBeLessThan(1_000);
  });

  it('may take simulated time, hang until they time out, and give no sign of life', async () => {
    const patient = workflow('patient')
      .step('sleeps', { capability: 'mind.sleep', timeout: '3h' })
      .step('hangs', { capability: 'mind.hang', timeout: '2d', if: expr`true` })
      .step('silent', { capability: 'mind.hang', heartbeatTimeout: '30s' });
    const kit = await createTestKit({
      workflows: [patient],
      agents: {
        'mind.sleep': (_: unknown, { sleep }) => sleep('2h'),
        'mind.hang': (_: unknown, { hang }) => hang(),
      },
    });
    const begin = kit.now.getTime();
    const run = await kit.start('patient', {});
    await run.until('silent');
    expect(kit.now.getTime() - begin).toBeLessThan(60_000);
    await run.until('sleeps');
    expect(Math.round((kit.now.getTime() - begin) / 3_600_000)).toBe(2);
    await run.until('ended');
    expect(Math.round((kit.now.getTime() - begin) / DAY_MS)).toBe(2);
    expect((await run.view()).error?.code).toBe('TIMED_OUT');
  });

  it('may be classes, made anew with each start of the system, whose finished steps stay finished', async () => {
    let made = 0;
    let asked = 0;
    class Thinker extends Agent {
      private readonly number = ++made;
      override async processTask(_: AgentTask, context: Parameters<Agent['processTask']>[1]): Promise<JsonValue> {
        const thought = await context.step('ask', () => `thought ${++asked}`, { sideEffect: 'pure' });
        if (this.number === 1) await new Promise(() => undefined);
        return { thought };
      }
    }
    const kit = await createTestKit({ workflows: [slow], agents: { 'mind.think': Thinker } });
    const run = await kit.start(slow);
    await kit.until(() => kit.events.some(({ type }) => type === 'TaskStepSucceeded'));
    await kit.crash();
    await expect(run.outputs()).resolves.toEqual({ thought: 'thought 1' });
    expect([made, asked]).toEqual([2, 1]);
  });
});

describe('a test kit', () => {
  it('does the same for the same seed, and something else for another', async () => {
    const log = async (seed: number): Promise<string> => {
      const kit = await createTestKit({ workflows: [order], agents, seed });
      await (await kit.start(order, { sku: 'x' })).outputs();
      return JSON.stringify(kit.events);
    };
    expect(await log(7)).toBe(await log(7));
    expect(await log(7)).not.toBe(await log(8));
  });

  it('works while the timers of the process are faked, as test frameworks do', async () => {
    const { queueMicrotask, setTimeout, setImmediate } = globalThis;
    const { nextTick } = process;
    const never = (): void => undefined;
    Object.assign(globalThis, { queueMicrotask: never, setTimeout: never, setImmediate: never });
    Object.assign(process, { nextTick: never });
    try {
      const kit = await createTestKit({ workflows: [order], agents });
      await expect((await kit.start(order, { sku: 'x' })).outputs()).resolves.toEqual({ receipt: 'for r-x' });
    } finally {
      Object.assign(globalThis, { queueMicrotask, setTimeout, setImmediate });
      Object.assign(process, { nextTick });
    }
  });

  it('waits for several runs at once', async () => {
    const kit = await createTestKit({ workflows: [order], agents });
    const runs = await Promise.all(['a', 'b', 'c'].map((sku) => kit.start(order, { sku })));
    await expect(Promise.all(runs.map((run) => run.outputs()))).resolves.toHaveLength(3);
    expect(kit.runs('order').map(({ id }) => id)).toEqual(runs.map(({ id }) => id));
  });

  it('refuses a workflow with every problem of it', async () => {
    const yaml = 'name: bad\nsteps:\n  a: { capability: x.y, needs: nothing }\n  b: { sleep: soon }\n';
    await expect(createTestKit({ workflows: [yaml] })).rejects.toThrow(/expected a duration[\s\S]*in:\nname: bad/);
    await expect(createTestKit({ workflows: [yaml] })).rejects.toMatchObject({ code: 'DEFINITION_INVALID' });
  });

  it('refuses inputs that do not match, and failures of agents that it has not', async () => {
    const kit = await createTestKit({ workflows: [order], agents });
    await expect(kit.start('order', { sku: 5 })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    expect(() => kit.fail('stock.count')).toThrow('no agent of this kit does stock.count');
  });
});

describe('approvals in a test kit', () => {
  const reviewed = workflow('reviewed')
    .step('write', {
      capability: 'text.write',
      gates: [
        { name: 'editor', type: 'approval', title: 'Good?' },
        { name: 'lawyer', type: 'approval', title: 'Legal?' },
      ],
    })
    .outputs(({ steps }) => ({ text: steps.write.output }));
  const writer: TestAgents = { 'text.write': () => 'a text' };

  it('are given when they are asked for', async () => {
    const kit = await createTestKit({ workflows: [reviewed], agents: writer });
    const run = await kit.start(reviewed);
    await run.approve({ by: 'user:ann' });
    await run.until('approval');
    expect(run.approvals.map(({ gate }) => gate)).toEqual(['lawyer']);
    await run.approve({ gate: 'lawyer' });
    await expect(run.outputs()).resolves.toEqual({ text: 'a text' });
    expect(run.events.filter(({ type }) => type === 'ApprovalDecided').map(({ data }) => data['decidedBy'])).toEqual([
      'user:ann',
      'user:tester',
    ]);
  });

  it('are refused', async () => {
    const kit = await createTestKit({ workflows: [reviewed], agents: writer });
    const run = await kit.start(reviewed);
    await run.reject({ gate: 'editor', reason: 'too short' });
    await expect(run.outputs()).rejects.toThrow('too short');
    await expect(run.approve()).rejects.toThrow('no approval to be asked for');
  });
});
