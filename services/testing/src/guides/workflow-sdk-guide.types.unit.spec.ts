import { expect, it } from '@jest/globals';
import { always, defineCapability, expr, failure, group, jsonSchema, text, workflow } from '@tutti/workflow-sdk';
import { createTestKit, does } from '../index.js';
import { z } from 'zod';
import { missingSamples } from '../testing/guide-samples.js';

const reserve = defineCapability('stock.reserve', {
  input: z.object({ sku: z.string(), count: z.number() }),
  output: z.object({ id: z.string() }),
});
const release = defineCapability('stock.release', { input: z.object({ id: z.string() }) });
const charge = defineCapability('payment.charge', {
  input: z.object({ amount: z.number(), reservation: z.string() }),
  output: z.object({ receipt: z.string() }),
});

const order = workflow('order', { inputs: z.object({ sku: z.string(), count: z.number(), price: z.number() }) })
  .step('reserve', {
    capability: reserve,
    with: ({ inputs }) => ({ sku: inputs.sku, count: inputs.count }),
    compensate: { capability: release, with: ({ output }) => ({ id: output.id }) },
  })
  .step('charge', {
    needs: ['reserve'],
    capability: charge,
    with: ({ inputs, steps }) => ({
      amount: expr<number>`${inputs.count} * ${inputs.price}`,
      reservation: steps.reserve.output.id,
    }),
    retry: { maxAttempts: 3 },
  })
  .outputs(({ steps, inputs }) => ({ receipt: steps.charge.output.receipt, note: text`Paid for ${inputs.sku}` }));

const parcel = group({ inputs: z.object({ sku: z.string() }) })
  .step('pack', { capability: 'parcel.pack', with: ({ inputs }) => ({ sku: inputs.sku }), output: z.object({ weight: z.number() }) })
  .step('label', { needs: 'pack', capability: 'parcel.label', with: ({ steps }) => ({ weight: steps.pack.output.weight }) })
  .outputs(({ steps }) => ({ weight: steps.pack.output.weight }));

const shipping = workflow('shipping', {
  inputs: z.object({ order: z.string(), skus: z.array(z.string()), express: z.boolean() }),
  variables: () => ({ told: false }),
  labels: ({ inputs }) => ({ order: inputs.order }),
  timeout: '30d',
})
  .step('parcels', {
    forEach: ({ inputs }) => inputs.skus,
    steps: parcel,
    with: ({ item }) => ({ sku: item }),
  })
  .step('paid', { wait: { signal: 'paid', schema: z.object({ by: z.string() }) }, timeout: '3d' })
  .step('send', {
    needs: ['parcels', 'paid'],
    switch: ({ inputs }) => inputs.express,
    cases: { true: { capability: 'courier.call', timeout: '1h' } },
    default: { capability: 'post.bring', with: ({ steps }) => ({ parcels: steps.parcels.output }) },
    catch: [{ codes: ['courier.*'], capability: 'post.bring', with: ({ error }) => ({ because: error.message }) }],
  })
  .step('arrived', {
    needs: 'send',
    capability: 'post.track',
    output: z.object({ delivered: z.boolean() }),
    repeat: { until: ({ output }) => output.delivered, delay: '6h', maxTimes: 100 },
    gates: [{ name: 'really', type: 'expression', expression: ({ output }) => output.delivered, onFail: { action: 'goto', step: 'send' } }],
  })
  .step('note', { needs: 'arrived', set: () => ({ told: true }) })
  .step('complain', { needs: 'arrived', if: failure, capability: 'post.complain' })
  .step('tidy', { needs: ['note', 'complain'], if: always, sleep: '1d' })
  .queries(({ variables }) => ({ told: variables.told }))
  .outputs(({ steps }) => ({ payer: steps.paid.output.by, weights: expr<number[]>`${steps.parcels.output}.weight` }));

const measured = workflow('measured', {
  inputs: jsonSchema<{ readonly values: readonly number[] }>({
    type: 'object',
    required: ['values'],
    properties: { values: { type: 'array', items: { type: 'number' } } },
  }),
})
  .step('scale', { capability: 'mass.scale', with: ({ inputs }) => ({ sum: expr<number>`$sum(${inputs.values})` }) })
  .outputs(({ steps }) => ({ scaled: steps.scale.output }));

const refused = [
  // @ts-expect-error there is no such step
  () => order.step('a', { needs: ['reserved'], capability: 'x.y' }),
  // @ts-expect-error an input is missing
  () => order.step('a', { capability: reserve, with: ({ inputs }) => ({ sku: inputs.sku }) }),
  // @ts-expect-error an input has the wrong type
  () => order.step('a', { capability: reserve, with: ({ inputs }) => ({ sku: inputs.price, count: 1 }) }),
  // @ts-expect-error the step is not needed, so it may not have ended
  () => order.step('a', { capability: release, with: ({ steps }) => ({ id: steps.reserve.output.id }) }),
  // @ts-expect-error the output has no such member
  () => order.step('a', { needs: 'reserve', capability: release, with: ({ steps }) => ({ id: steps.reserve.output.name }) }),
  // @ts-expect-error a reference is no condition
  () => order.step('a', { capability: release, with: ({ inputs }) => ({ id: inputs.sku ? 'a' : 'b' }) }),
];

it('reserves, charges and says so', async () => {
  const kit = await createTestKit({
    workflows: [order],
    agents: {
      ...does(reserve, ({ sku, count }) => ({ id: `${count} ${sku}` })),
      ...does(charge, ({ amount, reservation }) => ({ receipt: `${amount} for ${reservation}` })),
    },
  });
  const run = await kit.start(order, { sku: 'lamp', count: 3, price: 20 });
  expect(await run.outputs()).toEqual({ receipt: '60 for 3 lamp', note: 'Paid for lamp' });
});

it('takes every workflow that the guide shows', async () => {
  await expect(createTestKit({ workflows: [order, shipping, measured] })).resolves.toBeDefined();
  expect(refused.length).toBeGreaterThan(0);
});

it('is what the guide shows', () => {
  expect(missingSamples('workflow-sdk.md', import.meta.url)).toEqual([]);
});
