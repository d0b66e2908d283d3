import { z } from 'zod';
import { labels, oneOf, text, texts, time } from './view-values.js';

export const SERVICE_HEALTH = ['healthy', 'unhealthy', 'expired'] as const;

export const serviceInstance = z
  .object({
    id: z.string(),
    service: text,
    version: text,
    addresses: texts,
    metadata: labels,
    health: oneOf(SERVICE_HEALTH),
    registeredAt: time,
    leaseUntil: time,
  })
  .meta({ id: 'ServiceInstance' });

export type ServiceInstanceView = Readonly<z.infer<typeof serviceInstance>>;
