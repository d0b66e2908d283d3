import { z } from 'zod';
import { defineEvent, type EventOf } from './event-catalog.js';
import { jsonObject } from './shared-schemas.js';

export const agentProfile = z
  .object({
    name: z
      .string()
      .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected lower-case words with hyphens, like "data-architect"')
      .max(100),
    version: z.string().min(1).max(100),
    description: z.string().max(10_000),
    role: z.string().max(1_000),
    capabilities: z
      .array(
        z
          .string()
          .regex(/^[a-z0-9]+([.-][a-z0-9]+)*$/, 'expected dotted lower-case words, like "architecture.context"')
          .max(200),
      )
      .min(1)
      .max(100)
      .readonly(),
    specialisations: z.array(z.string().max(200)).max(100).readonly(),
    prompt: z.string().max(100_000),
    /** Wished-for model; empty for none. */
    model: z.string().max(200),
    tools: z.array(z.string().max(200)).max(200).readonly(),
    limits: z
      .object({
        /** Tasks at once in one worker. */
        concurrency: z.int().min(1).max(100_000),
        /** Longest time for one task; 0 for none. */
        timeoutMs: z.int().nonnegative().max(4_294_967_295),
      })
      .readonly(),
    /** What one task costs, in whatever unit the installation counts in; for the routing `cheapest`. Absent when nobody said. */
    costPerTask: z.number().nonnegative().max(1_000_000_000).optional(),
    kind: z.enum(['class', 'command']),
    metadata: jsonObject,
  })
  .readonly();
export type AgentProfile = z.infer<typeof agentProfile>;

export const agentEvents = {
  AgentRegistered: defineEvent('AgentRegistered', 1, z.object({ profile: agentProfile, registeredBy: z.string() })),
  AgentProfileChanged: defineEvent('AgentProfileChanged', 1, z.object({ profile: agentProfile, changedBy: z.string() })),
  /** It gets no new task until it is resumed; what it has in hand it finishes. Holds over changed profiles and new workers. */
  AgentPaused: defineEvent('AgentPaused', 1, z.object({ name: z.string(), pausedBy: z.string(), reason: z.string() })),
  AgentResumed: defineEvent('AgentResumed', 1, z.object({ name: z.string(), resumedBy: z.string(), reason: z.string() })),
  AgentDeregistered: defineEvent('AgentDeregistered', 1, z.object({ name: z.string(), deregisteredBy: z.string(), reason: z.string() })),
} as const;

export type AgentEvent = EventOf<typeof agentEvents>;
