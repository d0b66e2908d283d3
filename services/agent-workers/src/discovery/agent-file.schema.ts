import { agentProfile } from '@tutti/contracts';
import type { JsonValue } from '@tutti/kernel';
import { z } from 'zod';

const fields = agentProfile.unwrap().shape;
const limits = fields.limits.unwrap().shape;

const DEFAULT_MAX_OUTPUT_BYTES = 10 * 1024 * 1024;

const profileForm = {
  name: fields.name.describe('Lower-case words with hyphens, unique over all agents'),
  version: fields.version,
  description: fields.description.default(''),
  role: fields.role.default(''),
  model: fields.model.default('').describe('Wished-for model; empty for none'),
  capabilities: fields.capabilities.describe('Dotted names like architecture.context, by which tasks find the agent'),
  specialisations: fields.specialisations.default([]),
  prompt: fields.prompt.default(''),
  tools: fields.tools.default([]),
  limits: z
    .strictObject({
      concurrency: limits.concurrency.default(1).describe('Tasks at once in one worker'),
      timeoutMs: limits.timeoutMs.default(0).describe('Longest time for one task in milliseconds; 0 for none'),
    })
    .prefault({}),
  costPerTask: fields.costPerTask.describe('What one task costs, in whatever unit you count in; for the routing `cheapest`'),
  metadata: z.record(z.string(), z.json()).default({}),
};

const classEntry = z.strictObject({
  export: z
    .string()
    .regex(/^[A-Za-z_$][\w$]*$/, 'expected the name of an export')
    .describe('Named export that is the class'),
  module: z
    .string()
    .regex(/^\.{1,2}\//, 'expected a path that begins with ./ or ../')
    .optional()
    .describe('Module relative to this file; the entry of the package when left out'),
});

const commandEntry = z.strictObject({
  command: z.array(z.string()).min(1).describe('Program and arguments; no shell is between'),
  cwd: z.string().default('.').describe('Working folder, relative to this file'),
  env: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, 'expected a name of letters, digits and underscores'), z.string())
    .default({})
    .describe('Besides PATH, HOME and LANG, which are passed on'),
  maxOutputBytes: z
    .int()
    .min(1)
    .max(64 * 1024 * 1024)
    .default(DEFAULT_MAX_OUTPUT_BYTES),
});

/** What an agent's YAML file holds. */
export const agentFile = z.discriminatedUnion('kind', [
  z.strictObject({ ...profileForm, kind: z.literal('class'), entry: classEntry }),
  z.strictObject({ ...profileForm, kind: z.literal('command'), entry: commandEntry }),
]);
export type AgentFile = z.infer<typeof agentFile>;

/** JSON Schema 2020-12 of agent files, for editors. */
export function agentFileJsonSchema(): JsonValue {
  return z.toJSONSchema(agentFile, { io: 'input' }) as JsonValue;
}
