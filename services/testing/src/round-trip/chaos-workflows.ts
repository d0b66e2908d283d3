import { always, expr, jsonSchema, workflow } from '@tutti/workflow-sdk';

const valued = jsonSchema<{ readonly value: number }>({ type: 'object', required: ['value'] });

export const chaos = workflow('chaos', {
  description: 'Something of everything that a crash can tear apart.',
  inputs: jsonSchema<{ readonly number: number }>({ type: 'object', required: ['number'], properties: { number: { type: 'integer' } } }),
})
  .step('begin', {
    capability: 'chaos.worker',
    with: ({ inputs }) => ({ value: inputs.number }),
    output: valued,
    gates: [
      { name: 'same-number', type: 'expression', expression: ({ output, inputs }) => expr<boolean>`${output.value} = ${inputs.number}` },
    ],
  })
  .step('draft', {
    capability: 'chaos.drafter',
    needs: 'begin',
    with: ({ steps }) => ({ value: steps.begin.output.value }),
    gates: [
      {
        name: 'no-draft',
        type: 'expression',
        expression: () => expr<boolean>`output.draft = false`,
        onFail: { action: 'retry', maxAttempts: 1 },
      },
    ],
  })
  .step('spread', {
    capability: 'chaos.worker',
    needs: 'begin',
    forEach: { items: () => expr<number[]>`[1..12]`, concurrency: 5 },
    with: ({ item, inputs }) => ({ value: expr<number>`${item} + ${inputs.number}` }),
    gates: [{ name: 'all-there', type: 'schema', schema: jsonSchema({ type: 'array', minItems: 12, maxItems: 12 }) }],
  })
  .step('flaky', {
    capability: 'chaos.flaky',
    needs: 'draft',
    with: ({ inputs }) => ({ value: inputs.number }),
    retry: { maxAttempts: 3, initialInterval: '10ms', backoff: 1, jitter: 0.2 },
  })
  .step('odd', {
    capability: 'chaos.worker',
    needs: 'begin',
    if: ({ inputs }) => expr<boolean>`${inputs.number} % 2 = 1`,
    with: () => ({ value: 1 }),
  })
  .step('even', {
    capability: 'chaos.worker',
    needs: 'begin',
    if: ({ inputs }) => expr<boolean>`${inputs.number} % 2 = 0`,
    with: () => ({ value: 2 }),
  })
  .step('end', {
    capability: 'chaos.worker',
    needs: ['spread', 'flaky', 'odd', 'even'],
    if: always,
    with: ({ steps }) => ({ value: expr<number>`$sum(${steps.spread.output}.value)` }),
  })
  .outputs(() => ({ sum: expr`steps.end.output.value` }));

export const holding = workflow('holding', {
  description: 'Six tasks at once that are long in hand, and one after them.',
  inputs: jsonSchema<{ readonly holdMs: number }>({ type: 'object', required: ['holdMs'], properties: { holdMs: { type: 'integer' } } }),
})
  .step('hold', {
    capability: 'chaos.slow',
    forEach: { items: () => expr<number[]>`[1..6]`, concurrency: 6 },
    with: ({ item, inputs }) => ({ value: item, holdMs: inputs.holdMs }),
  })
  .step('after', {
    capability: 'chaos.worker',
    needs: 'hold',
    with: ({ steps }) => ({ value: expr<number>`$count(${steps.hold.output})` }),
  })
  .outputs(() => ({ held: expr`steps.after.output.value` }));

export const long = held('long');
export const stubborn = held('stubborn');

/** Two that differ in the agent that does them. */
function held(name: string) {
  return workflow(name, {
    description: 'Many tasks at once that are long in hand, every other pair of them longer, and one after them.',
    inputs: jsonSchema<{ readonly count: number; readonly shortMs: number; readonly longMs: number }>({
      type: 'object',
      required: ['count', 'shortMs', 'longMs'],
      properties: { count: { type: 'integer' }, shortMs: { type: 'integer' }, longMs: { type: 'integer' } },
    }),
  })
    .step('hold', {
      capability: `chaos.${name}`,
      forEach: { items: ({ inputs }) => expr<number[]>`[1..${inputs.count}]`, concurrency: 1000 },
      with: ({ item, inputs }) => ({ value: item, holdMs: expr<number>`${item} % 4 < 2 ? ${inputs.shortMs} : ${inputs.longMs}` }),
    })
    .step('after', {
      capability: `chaos.${name}`,
      needs: 'hold',
      with: ({ steps }) => ({ value: expr<number>`$count(${steps.hold.output})`, holdMs: 0 }),
    })
    .outputs(({ steps }) => ({ held: expr`steps.after.output.value`, attempts: expr<number>`$sum(${steps.hold.output}.attempt)` }));
}
