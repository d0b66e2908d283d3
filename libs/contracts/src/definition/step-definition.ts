import { z } from 'zod';
import { DEFAULT_PRIORITY, MAX_PRIORITY, MIN_PRIORITY, ROUTING_STRATEGIES } from '../events/task-admission.js';
import { capability, duration, expression, id, jsonSchema, templates, workflowName } from './definition-values.js';
import { gate } from './gate-definition.js';

export const retry = z.strictObject({
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

/** Of a step that an agent does. */
const taskMembers = {
  capability: capability.optional().describe('An agent that can do this does the step.'),
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
  input: jsonSchema
    .optional()
    .describe('Schema of the task’s input: what can never match it is refused at registration, what does not match it fails the step.'),
  heartbeatTimeout: duration
    .optional()
    .describe('Longest time without a sign of life of the agent; the attempt has timed out then, and is tried again as `retry` says.'),
};

const wait = z.union(
  [
    z.strictObject({
      signal: id.describe('Name of the signal; one that came before the step counts.'),
      where: expression.optional().describe('Only a signal for which it is true; `signal` is what it carries.'),
      schema: jsonSchema.optional().describe('What it must carry; others are refused when they are sent.'),
    }),
    z.strictObject({
      event: z.string().min(1).max(200).describe('Type of the event: of one that was published, or of one that Tutti records.'),
      source: z.string().min(1).max(200).optional(),
      where: expression.optional().describe('Only an event for which it is true; `event` is the event.'),
    }),
  ],
  { error: 'expected {signal: name, …} or {event: type, …}' },
);

const childWorkflow = z.union(
  [
    workflowName,
    z.strictObject({
      name: workflowName,
      version: z.int().positive().optional().describe('Default: what a start without version gets.'),
      detach: z.boolean().default(false).describe('Started only: the step ends at once with {runId}, and the run goes on by itself.'),
    }),
  ],
  { error: 'expected the name of a workflow, or {name, version?, detach?}' },
);

const dynamicPlan = z.union([
  expression,
  z.strictObject({
    from: expression.describe('The plan: {steps, outputs?}, written like a workflow.'),
    capabilities: z
      .array(z.string().min(1).max(200))
      .max(1_000)
      .optional()
      .describe(
        'What its steps may ask for; "docs.*" for all below, "workflow:name" for a workflow that a step runs. Default: everything but programs of gates, "tutti.command", which are always named.',
      ),
    maxSteps: z.int().min(1).max(1_000).default(100).describe('Most steps, those in its groups included.'),
  }),
]);

/** What one unit of work is made of: exactly one of capability, sleep, wait, workflow, steps, plan, set. */
const bodyMembers = {
  ...taskMembers,
  sleep: z
    .union([duration, expression], { error: 'expected a duration like "10m", or one expression' })
    .optional()
    .describe('Waits: a duration, or an expression that gives a duration or the time at which to go on (ISO 8601).'),
  wait: wait.optional().describe('Waits for a signal or an event, at most for `timeout`; the output is what it carries.'),
  workflow: childWorkflow.optional().describe('Runs another workflow with `with` as its inputs; the output is what it answers with.'),
  steps: z
    .lazy((): z.ZodType<NestedSteps> => z.record(id, step))
    .optional()
    .describe('A group of steps, a run of its own with `with` as its `inputs`. Default for `with`: the inputs out here.'),
  outputs: templates.optional().describe('Of a group: what it answers with. May contain expressions over its own steps.'),
  plan: dynamicPlan
    .optional()
    .describe('Runs steps that another step planned; they are checked like a workflow before they run. `with` as for a group.'),
  set: templates.optional().describe('Sets variables of the run; the output is what was set. May contain expressions.'),
  with: templates.optional().describe('The input; every text in it may contain expressions.'),
  timeout: duration.optional().describe('Longest time for one attempt, from its assignment; for waits and groups from their start.'),
  retry: retry.optional(),
};

/** What says what a step does. */
export const BODY_KINDS = ['capability', 'sleep', 'wait', 'workflow', 'steps', 'plan', 'set'] as const;
const STEP_KINDS = [...BODY_KINDS, 'switch'] as const;

const body = withOneOf(z.strictObject(bodyMembers), BODY_KINDS);

const forEach = z.strictObject({
  items: expression.describe('The list; the step’s task runs once for each, with `item` and `index`.'),
  concurrency: z.int().min(1).max(10_000).default(10).describe('Most tasks of the list at once.'),
});

const repeat = z.strictObject({
  until: expression.describe('Asked after each time; `output` is what came out, `iteration` counts from 1.'),
  maxTimes: z.int().min(1).max(100_000).default(1_000).describe('The step fails with REPEAT_EXHAUSTED when it is not true by then.'),
  delay: duration.optional().describe('Wait between one time and the next.'),
});

const catches = withOneOf(
  z.strictObject({
    codes: z
      .array(z.string().min(1).max(200))
      .min(1)
      .max(100)
      .optional()
      .describe('Error codes that are caught here; "payment.*" for all that begin so. Default: every error.'),
    ...bodyMembers,
  }),
  BODY_KINDS,
);

export const step = withOneOf(
  z.strictObject({
    name: z.string().min(1).max(200).optional(),
    description: z.string().max(10_000).optional(),
    needs: z.union([id, z.array(id).max(1_000)]).optional(),
    if: expression
      .optional()
      .describe('Runs only when true. Default: everything it needs succeeded. always(), success() and failure() look at what it needs.'),
    forEach: forEach.optional(),
    ...bodyMembers,
    switch: expression.optional().describe('Its value, as text, chooses one of `cases`, whose output is the step’s.'),
    cases: z.record(z.string().min(1).max(200), body).optional(),
    default: body.optional().describe('Of a switch: what runs when no case matches. Without it the step fails with NO_CASE.'),
    repeat: repeat.optional().describe('Does the step again until something is true.'),
    output: jsonSchema.optional().describe('Schema of the output; a result that does not match fails the attempt.'),
    gates: z.array(gate).max(50).optional(),
    catch: z
      .array(catches)
      .max(50)
      .optional()
      .describe('What runs instead when the step has failed; the first that fits. Its output is the step’s. `error` is what went wrong.'),
    compensate: body.optional().describe('Undoes the step when the run fails or is cancelled later; `input` and `output` are the step’s.'),
  }),
  STEP_KINDS,
);

export type StepDefinition = z.infer<typeof step>;
/** An interface, for TypeScript to stop at. */
export interface NestedSteps {
  readonly [id: string]: StepDefinition;
}
export type BodyDefinition = z.infer<typeof body>;
export type GateDefinition = z.infer<typeof gate>;
export type RetryDefinition = z.infer<typeof retry>;
export const handlerBody = body;

/** Exactly one of the members is there; the published JSON Schema says so as well. */
function withOneOf<Schema extends z.ZodObject>(schema: Schema, kinds: readonly string[]): Schema {
  return schema
    .superRefine((value, context) => {
      const given = kinds.filter((kind) => value[kind] !== undefined);
      if (given.length === 1) return;
      const found = given.length === 0 ? 'none' : given.join(' and ');
      context.addIssue({ code: 'custom', message: `expected exactly one of ${kinds.join(', ')}; found ${found}` });
    })
    .meta({ oneOf: kinds.map((kind) => ({ properties: { [kind]: {} }, required: [kind] })) });
}
