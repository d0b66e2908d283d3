import { z } from 'zod';
import { dataDesignSchema, infrastructureSchema, observabilitySchema, securitySchema } from '../model/aspects.schema.js';
import { designSchema, serviceDesignSchema } from '../model/design.schema.js';
import { documentSchema } from '../model/evidence.schema.js';
import { driverSchema, factsSchema } from '../model/facts.schema.js';

/** Inputs of the eight steps; the workflow's `with` blocks have to fit them. */
export const contextInput = z.object({
  prd: z.string(),
  title: z.string().nullish(),
});

export const highLevelInput = z.object({ facts: factsSchema, drivers: z.array(driverSchema) });

export const serviceDesignInput = z.object({ facts: factsSchema, design: designSchema });

const designedServices = z.object({ facts: factsSchema, design: designSchema, services: serviceDesignSchema });

export const dataInput = designedServices;

export const infrastructureInput = designedServices;

export const securityInput = designedServices.extend({ data: dataDesignSchema, infrastructure: infrastructureSchema });

export const observabilityInput = designedServices.extend({ infrastructure: infrastructureSchema });

export const diagramsSchema = z.object({
  context: z.string(),
  container: z.string(),
  component: z.array(z.string()),
});

export const decisionsInput = designedServices.extend({
  prd: z.string(),
  data: dataDesignSchema,
  infrastructure: infrastructureSchema,
  security: securitySchema,
  observability: observabilitySchema,
  usability: z.array(
    z.object({
      id: z.string(),
      answer: z.string(),
      derivedFrom: z.array(z.object({ text: z.string(), from: z.number(), to: z.number() })),
    }),
  ),
  diagrams: diagramsSchema,
  documents: z.array(documentSchema).length(7),
});

export type ContextInput = z.infer<typeof contextInput>;
export type HighLevelInput = z.infer<typeof highLevelInput>;
export type ServiceDesignInput = z.infer<typeof serviceDesignInput>;
export type DataInput = z.infer<typeof dataInput>;
export type SecurityInput = z.infer<typeof securityInput>;
export type ObservabilityInput = z.infer<typeof observabilityInput>;
export type DecisionsInput = z.infer<typeof decisionsInput>;
