import { expect, it } from '@jest/globals';
import { createTestKit, does } from '../index.js';
import { defineCapability, workflow } from '@tutti/workflow-sdk';
import { z } from 'zod';
import { missingSamples } from '../testing/guide-samples.js';

const reserve = defineCapability('stock.reserve', { input: z.object({ sku: z.string() }), output: z.object({ id: z.string() }) });
const order = workflow('order', { inputs: z.object({ sku: z.string() }) })
  .step('reserve', { capability: reserve, with: ({ inputs }) => ({ sku: inputs.sku }) })
  .step('think-it-over', { needs: 'reserve', sleep: '14d' })
  .step('charge', {
    needs: 'think-it-over',
    capability: 'payment.charge',
    with: ({ steps }) => ({ reservation: steps.reserve.output.id }),
    retry: { maxAttempts: 3 },
    gates: [{ name: 'accounts', type: 'approval', title: 'Booked?' }],
  })
  .outputs(({ steps }) => ({ reservation: steps.reserve.output.id, charged: steps.charge.output }));

it('charges once, whatever happens', async () => {
  const kit = await createTestKit({
    workflows: [order],
    agents: {
      ...does(reserve, ({ sku }) => ({ id: `r-${sku}` })),
      'payment.charge': ({ reservation }) => `for ${reservation}`,
    },
  });
  kit.fail('payment.charge', { times: 2, code: 'CARD_BUSY' });

  const run = await kit.start(order, { sku: 'lamp' });
  await run.until('reserve');
  await kit.crash();
  await run.approve({ gate: 'accounts', by: 'user:ann' });

  expect(await run.outputs()).toEqual({ reservation: 'r-lamp', charged: 'for r-lamp' });
  expect(run.calls('stock.reserve')).toHaveLength(1);
  expect(run.calls('payment.charge').map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
});

it('gives up on an agent that does not answer', async () => {
  const slow = workflow('slow').step('think', { capability: 'mind.think', timeout: '3d' });
  const kit = await createTestKit({ workflows: [slow], agents: { 'mind.think': (_, { hang }) => hang() } });
  const run = await kit.start(slow);
  await expect(run.outputs()).rejects.toThrow('TIMED_OUT');
});

it('comes to the same end wherever it crashes', async () => {
  const twice = workflow('twice', { inputs: z.object({ sku: z.string() }) })
    .step('first', { capability: reserve, with: ({ inputs }) => ({ sku: inputs.sku }) })
    .step('second', { needs: 'first', capability: reserve, with: ({ inputs }) => ({ sku: inputs.sku }) })
    .outputs(({ steps }) => ({ ids: [steps.first.output.id, steps.second.output.id] }));
  for (let events = 1; events <= 8; events++) {
    const kit = await createTestKit({ workflows: [twice], agents: does(reserve, ({ sku }) => ({ id: sku })), seed: events });
    const run = await kit.start(twice, { sku: 'x' });
    kit.crashAfter(events);
    expect(await run.outputs()).toEqual({ ids: ['x', 'x'] });
  }
});

it('is what the guide shows', () => {
  expect(missingSamples('testing.md', import.meta.url)).toEqual([]);
});
