import { z } from 'zod';

export const metricsConfig = z
  .object({
    /** Where Prometheus asks. */
    host: z.string().min(1).max(255).default('127.0.0.1'),
    /** 0 for any free one. */
    port: z.coerce.number().int().min(0).max(65_535).default(4_720),
  })
  .prefault({});
