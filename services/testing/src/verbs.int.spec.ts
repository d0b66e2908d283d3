import { describe, expect, it } from '@jest/globals';
import { expr, group, workflow, type Reference } from '@tutti/workflow-sdk';
import { z } from 'zod';
import { commands, createTestKit, type TestAgents } from './index.js';

const agents: TestAgents = {
  'echo.say': (input: unknown) => input,
  'echo.undo': (input: unknown) => input,
  'echo.break': () => Promise.reject(new Error('broken')),
};

describe('a test kit plays', () => {
  it('signals, also after a crash', async () => {
    const paid = workflow('paid')
      .step('wait', { wait: { signal: 'paid', schema: z.object({ by: z.string() }) } })
      .outputs(({ steps }) => ({ by: steps.wait.output.by }));
    const kit = await createTestKit({ workflows: [paid], agents });
    const run = await kit.start(paid);
    await kit.advance('3d');
    await kit.crash();
    await run.signal('paid', { by: 'ann' });
    await expect(run.outputs()).resolves.toEqual({ by: 'ann' });
  });

  it('events from outside, for waits and for triggers', async () => {
    const waits = workflow('waits', { inputs: z.object({ n: z.number() }) })
      .step('paid', { wait: { event: 'order.paid', where: ({ event, inputs }) => expr`${event.data}.n = ${inputs.n}` } })
      .outputs(({ steps }) => ({ event: steps.paid.output }));
    const begins = workflow('begins', { on: { event: [{ type: 'order.paid' }] } })
      .step('say', { capability: 'echo.say', with: ({ inputs }) => ({ got: inputs }) })
      .outputs(({ steps }) => ({ said: steps.say.output }));
    const kit = await createTestKit({ workflows: [waits, begins], agents });
    const run = await kit.start(waits, { n: 7 });
    await kit.advance('1h');
    await kit.publishEvent({ type: 'order.paid', data: { n: 6 } });
    await kit.publishEvent({ type: 'order.paid', data: { n: 7 } });
    await expect(run.outputs()).resolves.toEqual({ event: { n: 7 } });
    await kit.until(() => kit.runs('begins').length === 2);
    await expect(Promise.all(kit.runs('begins').map((begun) => begun.outputs()))).resolves.toEqual([
      { said: { got: { n: 6 } } },
      { said: { got: { n: 7 } } },
    ]);
  });

  it('schedules', async () => {
    const daily = workflow('daily', { on: { schedule: [{ cron: '0 6 * * *', timezone: 'Europe/Berlin' }] } }).step('say', {
      capability: 'echo.say',
    });
    const kit = await createTestKit({ workflows: [daily], agents, startAt: new Date('2026-03-27T12:00:00Z') });
    await kit.advance('3d');
    expect(kit.runs('daily').map(({ events }) => events[0]?.time.slice(0, 16))).toEqual([
      '2026-03-28T05:00',
      '2026-03-29T04:00',
      '2026-03-30T04:00',
    ]);
  });

  it('compensation in reverse order, through a crash in its middle', async () => {
    const undo = { capability: 'echo.undo', with: ({ output }: { readonly output: Reference<unknown> }) => ({ undo: output }) };
    const saga = workflow('saga')
      .step('a', { capability: 'echo.say', with: () => ({ n: 1 }), compensate: undo })
      .step('b', { needs: 'a', capability: 'echo.say', with: () => ({ n: 2 }), compensate: undo })
      .step('c', { needs: 'b', capability: 'echo.break' })
      .onFailure({ capability: 'echo.say', with: ({ error }) => ({ error: error.code }) });
    const kit = await createTestKit({ workflows: [saga], agents });
    const run = await kit.start(saga);
    await run.until({ call: 'echo.undo' });
    await kit.crash();
    await expect(run.outputs()).rejects.toThrow('AGENT_FAILED');
    const undone = run.calls('echo.undo').map(({ input }) => JSON.stringify(input));
    expect([...new Set(undone)]).toEqual(['{"undo":{"n":2}}', '{"undo":{"n":1}}']);
    expect(run.calls('echo.say').at(-1)?.input).toEqual({ error: 'AGENT_FAILED' });
  });

  it('approvals in groups in a fan-out, given from the top', async () => {
    const asks = group({ inputs: z.object({ n: z.number() }) })
      .step('say', {
        capability: 'echo.say',
        with: ({ inputs }) => ({ n: inputs.n }),
        gates: [{ name: 'ok', type: 'approval', title: 'Right?' }],
      })
      .outputs(({ steps }) => ({ said: steps.say.output }));
    const each = workflow('each')
      .step('all', { forEach: () => expr<number[]>`[1..2]`, steps: asks, with: ({ item }) => ({ n: item }) })
      .outputs(({ steps }) => ({ all: steps.all.output }));
    const kit = await createTestKit({ workflows: [each], agents });
    const run = await kit.start(each);
    await run.until(() => run.approvals.length === 2);
    await expect(run.approve()).rejects.toThrow('say which gate');
    await kit.crash();
    await run.approve({ gate: 'ok' });
    await run.approve({ gate: 'ok' });
    await expect(run.outputs()).resolves.toEqual({ all: [{ said: { n: 1 } }, { said: { n: 2 } }] });
    expect(run.calls('echo.say')).toHaveLength(2);
  });

  it('loops with waits, judges, programs, planned steps, variables and queries', async () => {
    const varied = workflow('varied', { variables: () => ({ n: 0 }) })
      .step('count', {
        capability: 'echo.say',
        with: ({ iteration }) => ({ n: iteration }),
        output: z.object({ n: z.number() }),
        repeat: { until: ({ output }) => expr<boolean>`${output.n} >= 3`, delay: '1h' },
        gates: [
          { name: 'judged', type: 'agent', capability: 'text.judge', judges: 3 },
          { name: 'tested', type: 'command', run: ['npm', 'test'], onFail: { action: 'fail' } },
        ],
      })
      .step('keep', { needs: 'count', set: ({ steps }) => ({ n: steps.count.output.n }) })
      .step('plan', { needs: 'keep', capability: 'mind.plan' })
      .step('do', { needs: 'plan', plan: ({ steps }) => steps.plan.output })
      .queries(({ variables }) => ({ n: variables.n }))
      .outputs(({ steps }) => ({ planned: steps.do.output }));
    const programs: unknown[] = [];
    const kit = await createTestKit({
      workflows: [varied],
      agents: {
        ...agents,
        ...commands(({ run }) => programs.push(run) - programs.length),
        'text.judge': { names: ['ann', 'bob', 'eve'], agent: () => ({ passed: true, reason: 'fine' }) },
        'mind.plan': () => ({
          steps: { one: { capability: 'echo.say', with: { q: 1 } } },
          outputs: { o: '${{ steps.one.output.q }}' },
        }),
      },
    });
    const begin = kit.now.getTime();
    const run = await kit.start(varied);
    await expect(run.outputs()).resolves.toEqual({ planned: { o: 1 } });
    await expect(run.query('n')).resolves.toBe(3);
    expect(Math.round((kit.now.getTime() - begin) / 3_600_000)).toBe(2);
    expect([programs, run.calls('text.judge').length]).toEqual([[['npm', 'test']], 3]);
  });
});
