import { z } from 'zod';
import { defineEvent, type EventOf } from './event-catalog.js';

const instance = {
  id: z.string(),
  service: z.string(),
  version: z.string(),
  addresses: z.array(z.string()).readonly(),
  metadata: z.record(z.string(), z.string()),
};

export const serviceEvents = {
  ServiceRegistered: defineEvent('ServiceRegistered', 1, z.object({ ...instance, leaseMs: z.int().positive() })),
  ServiceUpdated: defineEvent(
    'ServiceUpdated',
    1,
    z.object({ id: instance.id, addresses: instance.addresses, metadata: instance.metadata }),
  ),
  ServiceDeregistered: defineEvent(
    'ServiceDeregistered',
    1,
    z.object({ id: instance.id, because: z.enum(['requested', 'lease-expired']) }),
  ),
} as const;

export type ServiceEvent = EventOf<typeof serviceEvents>;
