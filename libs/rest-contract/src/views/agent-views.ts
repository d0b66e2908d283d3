import { z } from 'zod';
import { count, members, oneOf, text, texts, time } from './view-values.js';

const agentProfile = z
  .object({
    name: z.string(),
    version: text,
    description: text,
    role: text,
    capabilities: texts,
    specialisations: texts,
    prompt: text,
    model: text,
    tools: texts,
    limits: z.object({ concurrency: count, timeoutMs: count }).optional(),
    kind: text,
    metadata: members.default({}),
    costPerTask: z.number().optional(),
  })
  .meta({ id: 'AgentProfile' });

export const agentView = z
  .object({
    profile: agentProfile,
    status: oneOf(['registered', 'paused', 'deregistered']),
    registeredAt: time,
    changedAt: time,
    /** Counts changes of the profile, from 1. */
    generation: count,
  })
  .meta({ id: 'Agent' });

export type AgentView = Readonly<z.infer<typeof agentView>>;
