import { z } from 'zod';
import type { JsonValue } from '@tutti/kernel';
import { jsonValue } from '../events/shared-schemas.js';
import { DEFAULT_PRIORITY, MAX_PRIORITY, MIN_PRIORITY, ROUTING_STRATEGIES } from '../events/task-admission.js';
import { DURATION_PATTERN } from './duration.js';

/** Largest text of a definition, in bytes. */
export const MAX_DEFINITION_BYTES = 256 * 1024;

const id = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9_-]*$/, 'expected letters, digits, "-" and "_", beginning with a letter')
  .max(100);
const duration = z.string().regex(new RegExp(DURATION_PATTERN), 'expected a duration like "500ms", "30s", "5m", "2h" or "7d"');
const expression = z
  .string()
  .regex(/^\s*\$\{\{[\s\S]*\}\}\s*$/, 'expected one expression: "${{ … }}"')
  .describe('A JSONata expression between ${{ and }}.');
const jsonSchema = z.record(z.string(), jsonValue).describe('A JSON Schema (2020-12).');

const onFail = z
  .discriminatedUnion('action', [
    z.strictObject({ action: z.literal('fail') }),
    z.strictObject({
      action: z.literal('retry'),
      maxAttempts: z.int().min(1).max(100).default(1).describe('How often the gate may send the step back.'),
      journal: z.enum(['keep', 'reset']).default('reset').describe('Whether the next attempt gets the steps that the agent has finished.'),
    }),
    z.strictObject({
      action: z.literal('goto'),
      step: id.describe('This step or one that it needs; everything that depends on it runs again.'),
      maxVisits: z.int().min(1).max(100).default(1).describe('How often the gate may go there.'),
    }),
  ])
  .default({ action: 'fail' })
  .describe('What a failed gate does. The reason is handed to the agent that tries again.');

const gateBase = { name: id, message: z.string().max(1_000).optional().describe('Said when the gate fails.'), onFail };

const gate = z.discriminatedUnion('type', [
  z.strictObject({ ...gateBase, type: z.literal('schema'), schema: jsonSchema }),
  z.strictObject({
    ...gateBase,
    type: z.literal('expression'),
    expression: expression.describe('Passes when it is true. `output` is the step’s output.'),
  }),
  z.strictObject({
    ...gateBase,
    type: z.literal('approval'),
    title: z.string().min(1).max(500).describe('What the person is asked. May contain expressions.'),
    payload: expression.optional().describe('What is approved; the approval holds for exactly this value. Default: the step’s output.'),
  }),
]);

const retry = z.strictObject({
  maxAttempts: z.int().min(1).max(1_000).default(3).describe('All attempts together, the first included.'),
  initialInterval: duration.default('1s'),
  backoff: z.number().min(1).max(10).default(2).describe('Each wait is the one before times this.'),
  maxInterval: duration.default('1m'),
  jitter: z.number().min(0).max(1).default(0.2).describe('Part of each wait that is random: 0.2 gives 80 to 100 per cent of it.'),
  journal: z
    .enum(['keep', 'reset'])
    .default('keep')
    .describe('Whether the attempt after an error gets the steps that the agent has finished.'),
});

const forEach = z.strictObject({
  items: expression.describe('The list; the step’s task runs once for each, with `item` and `index`.'),
  concurrency: z.int().min(1).max(10_000).default(10).describe('Most tasks of the list at once.'),
});

const key = (what: string, otherwise: string) =>
  z.string().min(1).max(500).optional().describe(`${what} May contain expressions. Default: ${otherwise}.`);

const routing = z.union(
  [
    z.enum(ROUTING_STRATEGIES),
    z.strictObject({
      strategy: z.literal('sticky'),
      key: key('Tasks with the same key go to the same agent while they can.', 'the run’s id'),
    }),
  ],
  { error: `expected one of ${ROUTING_STRATEGIES.join(', ')}, or {strategy: sticky, key: …}` },
);

const concurrency = z.strictObject({
  key: key('Steps and runs with the same key share the limit.', 'this step of this workflow, over all runs'),
  limit: z.int().min(1).max(100_000).describe('Most tasks at once.'),
});

const rateLimit = z.strictObject({
  key: key('Steps and runs with the same key and `per` share the limit.', 'this step of this workflow, over all runs'),
  limit: z.int().min(1).max(1_000_000).describe('Most attempts begun in each window.'),
  per: duration.describe('Length of the window. Windows follow one another from 1970 on.'),
});

const step = z.strictObject({
  name: z.string().min(1).max(200).optional(),
  description: z.string().max(10_000).optional(),
  capability: z
    .string()
    .regex(/^[a-z0-9]+([.-][a-z0-9]+)*$/, 'expected dotted lower-case words, like "architecture.context"')
    .max(200)
    .describe('What the agent must be able to do.'),
  agent: z.string().min(1).max(100).optional().describe('Only this agent.'),
  routing: routing.optional().describe('Which of the agents that have a free place gets the task. Default: least-loaded.'),
  priority: z
    .union([z.int().min(MIN_PRIORITY).max(MAX_PRIORITY), expression], {
      error: `expected a whole number from ${MIN_PRIORITY} to ${MAX_PRIORITY}, or one expression`,
    })
    .optional()
    .describe(`${MIN_PRIORITY}, the most urgent, to ${MAX_PRIORITY}. Default: ${DEFAULT_PRIORITY}.`),
  concurrency: concurrency.optional().describe('Most tasks at once, over all runs.'),
  rateLimit: rateLimit.optional().describe('Most attempts in a time, over all runs.'),
  needs: z.union([id, z.array(id).max(1_000)]).optional(),
  if: expression
    .optional()
    .describe('Runs only when true. Default: everything it needs succeeded. always(), success() and failure() look at what it needs.'),
  forEach: forEach.optional(),
  with: z.record(z.string(), jsonValue).optional().describe('The task’s input; every text in it may contain expressions.'),
  timeout: duration.optional().describe('Longest time for one attempt, from its assignment.'),
  heartbeatTimeout: duration
    .optional()
    .describe('Longest time without a sign of life of the agent; the attempt has timed out then, and is tried again as `retry` says.'),
  retry: retry.optional(),
  output: jsonSchema.optional().describe('Schema of the task’s output; a result that does not match fails the attempt.'),
  gates: z.array(gate).max(50).optional(),
});

/** A workflow definition as it is written, in YAML or JSON. */
export const workflowDefinition = z.strictObject({
  $schema: z.string().optional(),
  name: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected lower-case words with hyphens, like "order-review"')
    .max(100),
  description: z.string().max(10_000).default(''),
  inputs: jsonSchema.optional().describe('Schema of the run’s inputs. Default: any object.'),
  steps: z.record(id, step).refine((steps) => Object.keys(steps).length > 0, 'expected at least one step'),
  outputs: z.record(z.string(), jsonValue).optional().describe('What the run answers with; every text in it may contain expressions.'),
});
export type WorkflowDefinition = z.infer<typeof workflowDefinition>;
export type StepDefinition = WorkflowDefinition['steps'][string];
export type GateDefinition = NonNullable<StepDefinition['gates']>[number];
export type RetryDefinition = z.infer<typeof retry>;

/** The published schema, for editors. */
export function workflowDefinitionJsonSchema(): JsonValue {
  const schema = z.toJSONSchema(workflowDefinition, { io: 'input', unrepresentable: 'any' });
  // zod hangs a non-JSON marker on the schema; the round trip leaves what is published.
  return JSON.parse(JSON.stringify({ ...schema, $id: 'https://tutti.dev/schemas/workflow.json', title: 'Tutti workflow' })) as JsonValue;
}
