import { z } from 'zod';
import { capability, duration, expression, id, jsonSchema, templates } from './definition-values.js';

const actor = z.string().min(1).max(200);

/** Who decides an approval, and until when. */
const approvalRules = {
  approvers: z.array(actor).min(1).max(100).optional().describe('Who may decide, like "user:ann". Default: anyone.'),
  quorum: z.int().min(1).max(25).default(1).describe('How many different people must approve; one rejection rejects.'),
  separateFrom: z
    .array(z.string().regex(/^(starter|[a-zA-Z][a-zA-Z0-9_-]*\.[a-zA-Z][a-zA-Z0-9_-]*)$/, 'expected "starter" or "step.gate"'))
    .max(25)
    .optional()
    .describe('Who may not decide: who started the run, or who decided another gate.'),
  expires: duration.optional().describe('It counts as rejected when it is not decided by then.'),
  escalate: z
    .array(z.strictObject({ after: duration, to: z.array(actor).min(1).max(100) }))
    .max(10)
    .optional()
    .describe('Who is asked besides, when it is not decided by then.'),
  notify: z.array(z.string().min(1).max(254)).max(50).optional().describe('Mail addresses or channels to tell.'),
};

const askPerson = z.strictObject({
  action: z.literal('approval'),
  ...approvalRules,
  title: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe('What the person is asked. Default: that the gate failed, why, and whether to go on.'),
});
const otherwise = askPerson.optional().describe('What happens when that number is used up. Default: the step fails.');

const onFail = z
  .discriminatedUnion('action', [
    z.strictObject({ action: z.literal('fail') }),
    z.strictObject({
      action: z.literal('retry'),
      maxAttempts: z.int().min(1).max(100).default(1).describe('How often the gate may send the step back.'),
      journal: z.enum(['keep', 'reset']).default('reset').describe('Whether the next attempt gets the steps that the agent has finished.'),
      agents: z
        .array(z.string().min(1).max(100))
        .min(1)
        .max(25)
        .optional()
        .describe('Who has the next attempts, one after the other; the last one all that follow. Default: as before.'),
      otherwise,
    }),
    z.strictObject({
      action: z.literal('goto'),
      step: id.describe('This step or one that it needs; everything that depends on it runs again.'),
      maxVisits: z.int().min(1).max(100).default(1).describe('How often the gate may go there.'),
      otherwise,
    }),
    askPerson,
  ])
  .default({ action: 'fail' })
  .describe('What a failed gate does. The reason is handed to the agent that tries again.');

const base = { name: id, message: z.string().max(1_000).optional().describe('Said when the gate fails. May contain expressions.'), onFail };

export const gate = z.discriminatedUnion('type', [
  z.strictObject({ ...base, type: z.literal('schema'), schema: jsonSchema }),
  z.strictObject({
    ...base,
    type: z.literal('expression'),
    expression: expression.describe('Passes when it is true. `output` is the step’s output.'),
  }),
  z.strictObject({
    ...base,
    type: z.literal('plan'),
    plan: expression.optional().describe('The plan to check, as a `plan` step would take it. Default: the step’s output.'),
  }),
  z.strictObject({
    ...base,
    type: z.literal('command'),
    run: z
      .union([z.string().min(1).max(10_000), z.array(z.string().max(10_000)).min(1).max(100)])
      .describe(
        'The program and its arguments, or one text for a shell, run by a worker; may contain expressions, which reach a shell as environment variables only. Passes when it exits with 0.',
      ),
    with: templates.optional().describe('Given to the program on its standard input as JSON. Default: the step’s output.'),
    timeout: duration.default('5m'),
  }),
  z.strictObject({
    ...base,
    type: z.literal('agent'),
    capability: capability.describe('What the judge must be able to do; it answers {passed, score?, reason}.'),
    agents: z.array(z.string().min(1).max(100)).min(1).max(25).optional().describe('These agents are the panel, one judge each.'),
    judges: z.int().min(1).max(25).optional().describe('How many judge. Default: 1, or one for each of `agents`.'),
    pass: z
      .union([z.enum(['all', 'majority', 'any']), z.int().min(1).max(25)])
      .default('majority')
      .describe('How many must pass it.'),
    minScore: z.number().optional().describe('A verdict with a lower score does not pass it.'),
    with: templates.optional().describe('Given to each judge, beside the step’s output. Texts may contain expressions.'),
    timeout: duration.optional(),
  }),
  z.strictObject({
    ...base,
    type: z.literal('metric'),
    metric: z.enum(['step.duration', 'step.attempts', 'run.attempts', 'value']).describe('Durations are in seconds.'),
    value: expression.optional().describe('The number, for `metric: value`.'),
    min: z.number().optional(),
    max: z.number().optional(),
  }),
  z.strictObject({
    ...base,
    type: z.literal('approval'),
    title: z.string().min(1).max(500).describe('What the person is asked. May contain expressions.'),
    ...approvalRules,
    payload: expression.optional().describe('What is approved; the approval holds for exactly this value. Default: the step’s output.'),
  }),
]);
