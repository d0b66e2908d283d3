import { z } from 'zod';
import { always, defineCapability, expr, failure, group, jsonSchema, text, workflow, type TypedWorkflow } from '../index.js';

/** A workflow of the builder, and what a person would have written. */
export interface WrittenTwice {
  readonly built: TypedWorkflow & { toYaml(): string };
  readonly yaml: string;
}

export const childWorkflow = workflow('child', { inputs: z.object({ n: z.number() }) }).step('count', { capability: 'x.count' });

/** A task with everything that can be said of one. */
export const EVERYTHING_OF_A_TASK: WrittenTwice = {
  built: workflow('order', {
    description: 'One of each.',
    inputs: z.object({ sku: z.string(), amount: z.number() }),
    labels: ({ inputs }) => ({ sku: inputs.sku }),
    variables: ({ inputs }) => ({ spent: inputs.amount }),
    timeout: '2d',
    on: { schedule: [{ cron: '0 6 * * *', timezone: 'Europe/Berlin', with: { sku: 'lamp', amount: 1 } }] },
    notify: [{ on: ['run.failed'], channel: 'on-call' }],
  })
    .step('reserve', {
      name: 'Reserve stock',
      description: 'In one warehouse.',
      capability: 'stock.reserve',
      agent: 'stock',
      routing: { strategy: 'sticky', key: ({ inputs }) => inputs.sku },
      priority: ({ inputs }) => expr<number>`${inputs.amount} > 100 ? 1 : 3`,
      concurrency: { key: 'stock', limit: 4 },
      rateLimit: { key: ({ inputs }) => text`sku ${inputs.sku}`, limit: 10, per: '1m' },
      heartbeatTimeout: '10s',
      with: ({ inputs, run }) => ({ sku: inputs.sku, by: run.id, left: undefined, tags: ['new', inputs.sku] }),
      timeout: '30s',
      retry: { maxAttempts: 3, initialInterval: '2s' },
      output: z.object({ id: z.string() }),
      gates: [
        { name: 'shape', type: 'schema', schema: jsonSchema({ required: ['id'] }) },
        {
          name: 'has',
          type: 'expression',
          message: ({ inputs }) => text`no id for ${inputs.sku}`,
          expression: ({ output }) => expr<boolean>`${output.id} != ""`,
          onFail: {
            action: 'retry',
            maxAttempts: 2,
            agents: ['other'],
            otherwise: { action: 'approval', approvers: ['user:ann'], expires: '2d' },
          },
        },
        {
          name: 'person',
          type: 'approval',
          title: ({ inputs }) => text`Reserve ${inputs.sku}?`,
          payload: ({ output }) => ({ id: output.id, of: [output] }),
        },
        { name: 'tests', type: 'command', run: ['npm', 'test'], with: ({ output }) => ({ id: output.id }), timeout: '5m' },
        { name: 'judge', type: 'agent', capability: defineCapability('stock.judge'), judges: 3, pass: 'majority', minScore: 0.5 },
        { name: 'quick', type: 'metric', metric: 'value', value: ({ output }) => expr<number>`$length(${output.id})`, max: 60 },
      ],
      catch: [{ codes: ['stock.*'], capability: 'stock.order', with: ({ error }) => ({ why: error.message }) }],
      compensate: { capability: 'stock.release', with: ({ output, input }) => ({ id: output.id, was: input }) },
    })
    .queries(({ steps }) => ({ id: steps.reserve.output.id }))
    .onFailure({ capability: 'team.tell', with: ({ error }) => ({ code: error.code }) })
    .outputs(({ steps, variables }) => ({ id: steps.reserve.output.id, spent: variables.spent })),
  yaml: `
      name: order
      description: One of each.
      inputs: { type: object, required: [sku, amount], properties: { sku: { type: string }, amount: { type: number } } }
      labels: { sku: '\${{ inputs.sku }}' }
      variables: { spent: '\${{ inputs.amount }}' }
      timeout: 2d
      on: { schedule: [{ cron: 0 6 * * *, timezone: Europe/Berlin, with: { sku: lamp, amount: 1 } }] }
      notify: [{ on: [run.failed], channel: on-call }]
      steps:
        reserve:
          name: Reserve stock
          description: In one warehouse.
          capability: stock.reserve
          agent: stock
          routing: { strategy: sticky, key: '\${{ inputs.sku }}' }
          priority: '\${{ inputs.amount > 100 ? 1 : 3 }}'
          concurrency: { key: stock, limit: 4 }
          rateLimit: { key: 'sku \${{ inputs.sku }}', limit: 10, per: 1m }
          heartbeatTimeout: 10s
          with: { sku: '\${{ inputs.sku }}', by: '\${{ run.id }}', tags: [new, '\${{ inputs.sku }}'] }
          timeout: 30s
          retry: { maxAttempts: 3, initialInterval: 2s }
          output: { type: object, required: [id], properties: { id: { type: string } } }
          gates:
            - { name: shape, type: schema, schema: { required: [id] } }
            - name: has
              type: expression
              expression: \${{ output.id != "" }}
              message: no id for \${{ inputs.sku }}
              onFail: { action: retry, maxAttempts: 2, agents: [other], otherwise: { action: approval, approvers: ['user:ann'], expires: 2d } }
            - { name: person, type: approval, title: 'Reserve \${{ inputs.sku }}?', payload: '\${{ {"id": (output.id), "of": [(output)]} }}' }
            - { name: tests, type: command, run: [npm, test], with: { id: '\${{ output.id }}' }, timeout: 5m }
            - { name: judge, type: agent, capability: stock.judge, judges: 3, pass: majority, minScore: 0.5 }
            - { name: quick, type: metric, metric: value, value: '\${{ $length(output.id) }}', max: 60 }
          catch:
            - { codes: ['stock.*'], capability: stock.order, with: { why: '\${{ error.message }}' } }
          compensate: { capability: stock.release, with: { id: '\${{ output.id }}', was: '\${{ input }}' } }
      queries: { id: '\${{ steps.reserve.output.id }}' }
      onFailure: { capability: team.tell, with: { code: '\${{ error.code }}' } }
      outputs: { id: '\${{ steps.reserve.output.id }}', spent: '\${{ variables.spent }}' }
      `,
};

export const EVERY_OTHER_VERB: WrittenTwice = {
  built: workflow('verbs', { inputs: z.object({ kind: z.string(), list: z.array(z.number()), day: z.string() }) })
    .step('rest', { sleep: '10m' })
    .step('until-day', { sleep: ({ inputs }) => inputs.day })
    .step('paid', {
      needs: ['rest'],
      wait: { signal: 'paid', schema: z.object({ by: z.string() }), where: ({ signal }) => expr`${signal.by} = "ann"` },
      timeout: '3d',
    })
    .step('heard', { wait: { event: 'order.paid', source: 'shop', where: ({ event }) => expr`${event.subject} = "7"` } })
    .step('child', { workflow: childWorkflow, with: () => ({ n: 1 }) })
    .step('fixed', { workflow: { name: childWorkflow, version: 2 }, with: () => ({ n: 1 }) })
    .step('apart', { workflow: { name: 'child', detach: true }, with: ({ inputs }) => ({ n: inputs.list[0] }) })
    .step('each', {
      needs: 'until-day',
      if: failure,
      forEach: { items: ({ inputs }) => inputs.list, concurrency: 3 },
      steps: group({ inputs: z.object({ n: z.number() }) })
        .step('one', { capability: 'x.one', with: ({ inputs }) => ({ n: inputs.n }), output: z.object({ m: z.number() }) })
        .step('two', { needs: 'one', capability: 'x.two', with: ({ steps }) => ({ m: steps.one.output.m }) })
        .outputs(({ steps }) => ({ m: steps.one.output.m })),
      with: ({ item }) => ({ n: item }),
    })
    .step('think', { capability: 'x.think' })
    .step('planned', { needs: 'think', plan: ({ steps }) => steps.think.output })
    .step('planned-well', { needs: 'think', plan: { from: ({ steps }) => steps.think.output, capabilities: ['docs.*'], maxSteps: 5 } })
    .step('noted', { set: ({ inputs }) => ({ kind: inputs.kind, seen: true }) })
    .step('chosen', {
      needs: ['until-day', 'noted'],
      if: always,
      switch: ({ inputs }) => inputs.kind,
      cases: { a: { capability: 'x.a' }, b: { sleep: '1s' } },
      default: { set: () => ({ kind: 'other' }) },
    })
    .step('polled', {
      needs: ['until-day'],
      capability: 'x.poll',
      with: ({ last, iteration, steps }) => ({ last, iteration, before: steps['until-day'].status }),
      output: z.object({ done: z.boolean() }),
      repeat: { until: ({ output }) => output.done, maxTimes: 10, delay: '1m' },
    })
    .step('numbers', { forEach: () => expr<number[]>`[1..3]`, capability: 'x.count' }),
  yaml: `
      name: verbs
      inputs:
        type: object
        required: [kind, list, day]
        properties: { kind: { type: string }, list: { type: array, items: { type: number } }, day: { type: string } }
      steps:
        rest: { sleep: 10m }
        until-day: { sleep: '\${{ inputs.day }}' }
        paid:
          needs: [rest]
          wait:
            signal: paid
            schema: { type: object, required: [by], properties: { by: { type: string } } }
            where: \${{ signal.by = "ann" }}
          timeout: 3d
        heard: { wait: { event: order.paid, source: shop, where: '\${{ event.subject = "7" }}' } }
        child: { workflow: child, with: { n: 1 } }
        fixed: { workflow: { name: child, version: 2 }, with: { n: 1 } }
        apart: { workflow: { name: child, detach: true }, with: { n: '\${{ inputs.list[0] }}' } }
        each:
          needs: until-day
          if: \${{ failure() }}
          forEach: { items: '\${{ inputs.list }}', concurrency: 3 }
          steps:
            one:
              capability: x.one
              with: { n: '\${{ inputs.n }}' }
              output: { type: object, required: [m], properties: { m: { type: number } } }
            two: { needs: one, capability: x.two, with: { m: '\${{ steps.one.output.m }}' } }
          outputs: { m: '\${{ steps.one.output.m }}' }
          with: { n: '\${{ item }}' }
        think: { capability: x.think }
        planned: { needs: think, plan: '\${{ steps.think.output }}' }
        planned-well: { needs: think, plan: { from: '\${{ steps.think.output }}', capabilities: [docs.*], maxSteps: 5 } }
        noted: { set: { kind: '\${{ inputs.kind }}', seen: true } }
        chosen:
          needs: [until-day, noted]
          if: \${{ always() }}
          switch: \${{ inputs.kind }}
          cases: { a: { capability: x.a }, b: { sleep: 1s } }
          default: { set: { kind: other } }
        polled:
          needs: [until-day]
          capability: x.poll
          with: { last: '\${{ last }}', iteration: '\${{ iteration }}', before: '\${{ steps.until-day.status }}' }
          output: { type: object, required: [done], properties: { done: { type: boolean } } }
          repeat: { until: '\${{ output.done }}', maxTimes: 10, delay: 1m }
        numbers: { forEach: { items: '\${{ [1..3] }}' }, capability: x.count }
      `,
};
