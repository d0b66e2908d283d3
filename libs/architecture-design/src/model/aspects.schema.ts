import { z } from 'zod';
import { evidenceSchema } from './evidence.schema.js';

/** What a section answers to a requirement or a measure, by its identifier. */
export const answerSchema = z.object({ id: z.string(), answer: z.string(), derivedFrom: z.array(evidenceSchema) });
export type Answer = z.infer<typeof answerSchema>;

export const dataDesignSchema = z.object({
  stores: z.array(
    z.object({
      containerId: z.string(),
      name: z.string(),
      kind: z.string(),
      product: z.string(),
      named: z.boolean(),
      reason: z.string(),
      evidence: z.array(evidenceSchema),
      entities: z.array(z.string()),
    }),
  ),
  entities: z.array(
    z.object({
      name: z.string(),
      attributes: z.array(z.string()),
      classes: z.array(z.string()),
      componentIds: z.array(z.string()),
      evidence: z.array(evidenceSchema),
    }),
  ),
  relations: z.array(z.object({ from: z.string(), to: z.string(), evidence: evidenceSchema })),
  flows: z.array(z.object({ from: z.string(), to: z.string(), what: z.string(), evidence: evidenceSchema })),
  migration: z.object({ evidence: z.array(evidenceSchema), steps: z.array(z.string()) }).nullable(),
  answers: z.array(answerSchema),
});
export type DataDesign = z.infer<typeof dataDesignSchema>;

export const infrastructureSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      zone: z.string(),
      containerIds: z.array(z.string()),
      instances: z.string(),
      evidence: z.array(evidenceSchema),
    }),
  ),
  zones: z.array(z.object({ name: z.string(), purpose: z.string() })),
  rules: z.array(z.object({ from: z.string(), to: z.string(), purpose: z.string(), evidence: z.array(evidenceSchema) })),
  scaling: z.array(z.object({ containerId: z.string(), strategy: z.string(), evidence: z.array(evidenceSchema) })),
  answers: z.array(answerSchema),
  deployment: z.string(),
});
export type Infrastructure = z.infer<typeof infrastructureSchema>;

export const findingSchema = z.object({
  id: z.string(),
  severity: z.enum(['high', 'medium', 'low']),
  text: z.string(),
  evidence: z.array(evidenceSchema),
});

export const securitySchema = z.object({
  passed: z.boolean(),
  threats: z.array(
    z.object({
      id: z.string(),
      category: z.string(),
      threat: z.string(),
      control: z.string(),
      places: z.array(z.string()),
      statedInInput: z.boolean(),
      evidence: z.array(evidenceSchema),
    }),
  ),
  findings: z.array(findingSchema),
  answers: z.array(answerSchema),
});
export type Security = z.infer<typeof securitySchema>;

export const observabilitySchema = z.object({
  objectives: z.array(z.object({ id: z.string(), objective: z.string(), indicator: z.string(), evidence: evidenceSchema })),
  signals: z.array(z.object({ containerId: z.string(), logs: z.string(), metrics: z.string(), traces: z.string() })),
  alerts: z.array(z.object({ name: z.string(), condition: z.string(), evidence: z.array(evidenceSchema) })),
  answers: z.array(answerSchema),
});
export type Observability = z.infer<typeof observabilitySchema>;

export const adrSchema = z.object({
  id: z.string(),
  title: z.string(),
  context: z.array(z.string()),
  decision: z.string(),
  rationale: z.array(z.string()),
  alternatives: z.array(z.object({ name: z.string(), verdict: z.string() })),
  consequences: z.array(z.string()),
});
export type Adr = z.infer<typeof adrSchema>;
