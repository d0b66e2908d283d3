import type { JsonValue } from '@tutti/kernel';
import { z } from 'zod';
import { duration, expression, id, jsonSchema, templates, workflowName } from './definition-values.js';
import { notify } from './notify.js';
import { handlerBody, step } from './step-definition.js';
import { triggers } from './triggers.js';

/** Largest text of a definition, in bytes. */
export const MAX_DEFINITION_BYTES = 256 * 1024;

/** Of a definition; its runs may get more when they are started. */
const MAX_LABELS = 20;

/** A workflow definition as it is written, in YAML or JSON. */
export const workflowDefinition = z.strictObject({
  $schema: z.string().optional(),
  name: workflowName,
  description: z.string().max(10_000).default(''),
  inputs: jsonSchema
    .optional()
    .describe('Schema of the run’s inputs; its `default`s stand in for what a start leaves out. Default: any object.'),
  labels: z
    .record(z.string().min(1).max(100), z.string().max(500))
    .refine((labels) => Object.keys(labels).length <= MAX_LABELS, `expected at most ${MAX_LABELS} labels`)
    .optional()
    .describe('Labels that each run gets, to search by; texts may contain expressions over `inputs`. Those of the start come first.'),
  variables: templates
    .optional()
    .describe('Values that a run can change: `variables.x` in expressions. May contain expressions over `inputs`.'),
  queries: z.record(id, expression).optional().describe('What can be asked of a run while it runs, by name.'),
  timeout: duration.optional().describe('Longest time for a run, waiting included; it fails with TIMED_OUT then.'),
  on: triggers.optional(),
  steps: z.record(id, step).refine((steps) => Object.keys(steps).length > 0, 'expected at least one step'),
  onFailure: handlerBody.optional().describe('Runs when the run has failed, after compensation; `error` is what went wrong.'),
  notify: notify.optional().describe('Who is told of its runs, beside what the configuration says.'),
  outputs: templates.optional().describe('What the run answers with; every text in it may contain expressions.'),
});
export type WorkflowDefinition = z.infer<typeof workflowDefinition>;

/** The published schema, for editors. */
export function workflowDefinitionJsonSchema(): JsonValue {
  const schema = z.toJSONSchema(workflowDefinition, { io: 'input', unrepresentable: 'any' });
  // zod hangs a non-JSON marker on the schema; the round trip leaves what is published.
  return JSON.parse(JSON.stringify({ ...schema, $id: 'https://tutti.dev/schemas/workflow.json', title: 'Tutti workflow' })) as JsonValue;
}
