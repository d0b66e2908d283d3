import { z } from 'zod';
import { evidenceSchema, namedSchema } from './evidence.schema.js';

/** What the engine read out of the input. Everything later is derived from this and from nothing else. */

export const strengthSchema = z.enum(['must', 'should', 'may', 'statement']);

export const requirementSchema = evidenceSchema.extend({
  id: z.string().min(1),
  /** True where the identifier is the input's own (R1, FR-12); false where the engine numbered it by its line. */
  labelled: z.boolean(),
  strength: strengthSchema,
  kind: z.enum(['function', 'quality', 'constraint', 'excluded', 'project', 'meta']),
  qualities: z.array(z.string()),
  /** Nearest headings, outermost first. */
  section: z.array(z.string()),
  subject: z.string().nullable(),
  verb: z.string().nullable(),
  object: z.string().nullable(),
  nouns: z.array(z.string()),
});

export const actorSchema = namedSchema;

export const externalSchema = namedSchema.extend({ direction: z.enum(['in', 'out', 'both']) });

export const entitySchema = namedSchema.extend({ attributes: z.array(z.string()) });

export const technologySchema = namedSchema.extend({
  category: z.string(),
  /** True where the input rules it out. */
  rejected: z.boolean(),
});

export const measureSchema = evidenceSchema.extend({
  id: z.string(),
  kind: z.enum([
    'latency',
    'throughput',
    'users',
    'devices',
    'availability',
    'retention',
    'recovery-time',
    'recovery-point',
    'size',
    'rate',
    'frame-rate',
    'volume',
  ]),
  /** As it stands in the input, for example "under 200 ms". */
  value: z.string(),
});

export const areaSchema = namedSchema.extend({ requirementIds: z.array(z.string()) });

export const signalSchema = z.object({
  id: z.string(),
  positive: z.array(evidenceSchema),
  negative: z.array(evidenceSchema),
});

export const factsSchema = z.object({
  title: z.string(),
  titleEvidence: evidenceSchema.nullable(),
  summary: z.array(evidenceSchema),
  lines: z.number().int(),
  english: z.boolean(),
  requirements: z.array(requirementSchema),
  areas: z.array(areaSchema),
  parts: z.array(namedSchema),
  actors: z.array(actorSchema),
  externals: z.array(externalSchema),
  entities: z.array(entitySchema),
  technologies: z.array(technologySchema),
  constraints: z.array(evidenceSchema),
  assumptions: z.array(evidenceSchema),
  exclusions: z.array(evidenceSchema),
  qualities: z.array(z.object({ id: z.string(), evidence: z.array(evidenceSchema).min(1) })),
  measures: z.array(measureSchema),
  signals: z.array(signalSchema),
});

export type Facts = z.infer<typeof factsSchema>;
export type Requirement = z.infer<typeof requirementSchema>;
export type Measure = z.infer<typeof measureSchema>;
export type Actor = z.infer<typeof actorSchema>;
export type External = z.infer<typeof externalSchema>;
export type Entity = z.infer<typeof entitySchema>;
export type Technology = z.infer<typeof technologySchema>;
export type Area = z.infer<typeof areaSchema>;
export type Signal = z.infer<typeof signalSchema>;

export const driverSchema = z.object({
  id: z.string(),
  kind: z.enum(['constraint', 'quality', 'performance', 'integration', 'data', 'function', 'gap']),
  evidence: z.array(evidenceSchema),
  /** What the engine concludes for the architecture. */
  consequence: z.string(),
});

export type Driver = z.infer<typeof driverSchema>;
