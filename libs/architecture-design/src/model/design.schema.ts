import { z } from 'zod';
import { evidenceSchema } from './evidence.schema.js';

export const scoredRuleSchema = z.object({ rule: z.string(), points: z.number(), reason: z.string(), evidence: z.array(evidenceSchema) });

export const patternScoreSchema = z.object({ id: z.string(), name: z.string(), score: z.number(), rules: z.array(scoredRuleSchema) });

export const hostingSchema = z.object({
  kind: z.enum(['none', 'device', 'on-premises', 'cloud', 'open']),
  provider: z.string().nullable(),
  cloudExcluded: z.boolean(),
  reason: z.string(),
  evidence: z.array(evidenceSchema),
});

export const componentSchema = z.object({
  id: z.string(),
  name: z.string(),
  basis: z.enum(['area', 'part', 'topic', 'whole']),
  evidence: z.array(evidenceSchema),
  requirementIds: z.array(z.string()),
  actors: z.array(z.string()),
  externals: z.array(z.string()),
  entities: z.array(z.string()),
  uses: z.array(z.object({ componentId: z.string(), evidence: evidenceSchema })),
});

export const traceSchema = z.object({
  requirementId: z.string(),
  componentIds: z.array(z.string()),
  /** True where the demand is on the whole system and a section, not one component, has to answer it. */
  wholeSystem: z.boolean(),
  /** Why nothing answers it; null where something does. */
  notAddressed: z.string().nullable(),
});

export const designSchema = z.object({
  system: z.string(),
  pattern: z.object({ id: z.string(), name: z.string(), scores: z.array(patternScoreSchema), byDefault: z.boolean() }),
  hosting: hostingSchema,
  components: z.array(componentSchema).min(1),
  trace: z.array(traceSchema),
});

export type Design = z.infer<typeof designSchema>;
export type Component = z.infer<typeof componentSchema>;
export type Trace = z.infer<typeof traceSchema>;
export type Hosting = z.infer<typeof hostingSchema>;
export type PatternScore = z.infer<typeof patternScoreSchema>;

export const containerSchema = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['interface', 'program', 'service', 'worker', 'store', 'broker', 'entry', 'edge', 'host']),
  technology: z.string().nullable(),
  purpose: z.string(),
  componentIds: z.array(z.string()),
  evidence: z.array(evidenceSchema),
});

export const linkSchema = z.object({
  from: z.string(),
  to: z.string(),
  style: z.enum(['call', 'synchronous', 'asynchronous', 'file', 'storage', 'person']),
  label: z.string(),
  evidence: z.array(evidenceSchema),
});

export const serviceDesignSchema = z.object({
  containers: z.array(containerSchema).min(1),
  links: z.array(linkSchema),
  interfaces: z.array(
    z.object({
      containerId: z.string(),
      componentId: z.string(),
      operations: z.array(z.object({ name: z.string(), requirementId: z.string(), input: z.string(), evidence: evidenceSchema })),
    }),
  ),
});

export type ServiceDesign = z.infer<typeof serviceDesignSchema>;
export type Container = z.infer<typeof containerSchema>;
export type Link = z.infer<typeof linkSchema>;
