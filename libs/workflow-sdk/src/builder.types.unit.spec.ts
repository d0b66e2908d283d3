import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineCapability, expr, group, workflow } from './index.js';

// What must not compile is marked; `npx tsc --noEmit` fails when it does. Nothing of it is called: some of it throws, too.

const reserve = defineCapability('stock.reserve', {
  input: z.object({ sku: z.string(), count: z.number().optional() }),
  output: z.object({ id: z.string() }),
});
const release = defineCapability('stock.release', { input: z.object({ id: z.string() }) });
const Inputs = z.object({
  sku: z.string(),
  amount: z.number(),
  note: z.string().optional(),
  items: z.array(z.object({ sku: z.string() })),
});

const begun = workflow('order', { inputs: Inputs, variables: ({ inputs }) => ({ spent: inputs.amount }) });
const order = begun
  .step('reserve', { capability: reserve, with: ({ inputs }) => ({ sku: inputs.sku }) })
  .step('pack', {
    needs: ['reserve'],
    forEach: ({ inputs }) => inputs.items,
    capability: reserve,
    with: ({ item, index }) => ({ sku: item.sku, count: index }),
  })
  .step('paid', { needs: 'pack', wait: { signal: 'paid', schema: z.object({ by: z.string() }) } });

describe('what a workflow’s types say', () => {
  it('infers what a workflow answers with from the schemas of its steps', () => {
    const typed = order.outputs(({ steps, inputs, variables, run }) => ({
      reservation: steps.reserve.output.id,
      packed: steps.pack.output,
      by: steps.paid.output.by,
      note: inputs.note,
      sum: expr<number>`${inputs.amount} + ${variables.spent}`,
      list: [run.id, 'constant'],
    }));
    interface Outputs {
      readonly reservation: string;
      readonly packed: readonly { id: string }[];
      readonly by: string;
      readonly note: string | undefined;
      readonly sum: number;
      readonly list: string[];
    }
    const outputs: Outputs | undefined = typed.$outputs;
    expect(outputs).toBeUndefined();
    const inputs: z.input<typeof Inputs> | undefined = typed.$inputs;
    expect(inputs).toBeUndefined();
  });

  it('takes a workflow and a group as steps, by the types of theirs', () => {
    const child = order.outputs(({ steps }) => ({ id: steps.reserve.output.id }));
    const boxes = group({ inputs: z.object({ size: z.number() }) })
      .step('fold', { capability: 'box.fold', with: ({ inputs }) => ({ size: inputs.size }), output: z.object({ ready: z.boolean() }) })
      .outputs(({ steps }) => ({ ready: steps.fold.output.ready }));
    const parent = workflow('parent', { inputs: Inputs })
      .step('order', {
        workflow: child,
        with: ({ inputs }) => ({ sku: inputs.sku, amount: inputs.amount, items: inputs.items }),
      })
      .step('boxes', { needs: 'order', steps: boxes, with: ({ inputs }) => ({ size: inputs.amount }) })
      .outputs(({ steps }) => ({ id: steps.order.output.id, ready: steps.boxes.output.ready }));
    const outputs: { readonly id: string; readonly ready: boolean } | undefined = parent.$outputs;
    expect(outputs).toBeUndefined();
  });

  it('refuses what cannot work', () => {
    const refused = [
      // @ts-expect-error there is no such step
      () => begun.step('a', { needs: ['nothing'], capability: 'x.y' }),
      // @ts-expect-error the id is taken
      () => order.step('reserve', { capability: 'x.y' }),
      // @ts-expect-error an input is missing
      () => begun.step('a', { capability: reserve, with: () => ({}) }),
      // @ts-expect-error an input is a number, and wanted as a text
      () => begun.step('a', { capability: reserve, with: ({ inputs }) => ({ sku: inputs.amount }) }),
      // @ts-expect-error an input may be missing
      () => begun.step('a', { capability: reserve, with: ({ inputs }) => ({ sku: inputs.note }) }),
      // @ts-expect-error an expression gives another type
      () => begun.step('a', { capability: reserve, with: ({ inputs }) => ({ sku: expr<number>`${inputs.amount} + 1` }) }),
      // @ts-expect-error the step is not needed
      () => order.step('a', { capability: release, with: ({ steps }) => ({ id: steps.reserve.output.id }) }),
      // @ts-expect-error an output has no such member
      () => order.step('a', { needs: 'reserve', capability: release, with: ({ steps }) => ({ id: steps.reserve.output.name }) }),
      // @ts-expect-error a list has no such member
      () => order.step('a', { needs: 'pack', capability: release, with: ({ steps }) => ({ id: steps.pack.output.id }) }),
      // @ts-expect-error the inputs have no such member
      () => order.step('a', { capability: release, with: ({ inputs }) => ({ id: inputs.name }) }),
      // @ts-expect-error an item has no such member
      () => order.step('a', { forEach: ({ inputs }) => inputs.items, capability: release, with: ({ item }) => ({ id: item.name }) }),
      // @ts-expect-error there is no item without forEach
      () => order.step('a', { capability: release, with: ({ item }) => ({ id: item.name }) }),
      // @ts-expect-error a reference is no list
      () => order.step('a', { forEach: ({ inputs }) => inputs.amount, capability: 'x.y' }),
      // @ts-expect-error a case gets the wrong input
      () => order.step('a', { switch: ({ inputs }) => inputs.sku, cases: { x: { capability: release, with: () => ({ id: 5 }) } } }),
      // @ts-expect-error a handler gets the wrong input
      () => order.step('a', { capability: 'x.y', catch: [{ capability: release, with: () => ({ id: 5 }) }] }),
      // @ts-expect-error a compensation reads what the output has not
      () => order.step('a', { capability: reserve, compensate: { capability: release, with: ({ output }) => ({ id: output.name }) } }),
      // @ts-expect-error a gate may go back to what is needed only
      () => order.step('a', { capability: 'x.y', gates: [{ name: 'g', type: 'plan', onFail: { action: 'goto', step: 'reserve' } }] }),
      // @ts-expect-error a reference is no condition
      () => order.step('a', { capability: release, with: ({ inputs }) => ({ id: inputs.sku ? 'a' : 'b' }) }),
      // @ts-expect-error a reference cannot be compared
      () => order.step('a', { capability: release, with: ({ inputs }) => ({ id: inputs.sku === 'x' ? 'a' : 'b' }) }),
      // @ts-expect-error a reference cannot be computed with
      () => order.step('a', { capability: 'x.y', with: ({ inputs }) => ({ double: inputs.amount * 2 }) }),
      // @ts-expect-error the workflow's outputs read a step that is not there
      () => order.outputs(({ steps }) => ({ id: steps.nothing.output })),
    ];
    expect(refused.length).toBeGreaterThan(0);
  });

  it('says of a step without a schema that nothing is known of its output', () => {
    const loose = workflow('loose')
      .step('a', { capability: 'x.y' })
      .outputs(({ steps }) => ({ all: steps.a.output }));
    const outputs: { readonly all: unknown } | undefined = loose.$outputs;
    expect(outputs).toBeUndefined();
  });
});
