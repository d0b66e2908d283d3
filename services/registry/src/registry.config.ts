import { z } from 'zod';

export const registryConfig = z
  .object({
    /** Longest wait of a query for the position it names. */
    queryWaitMs: z.coerce.number().int().min(0).max(60_000).default(5_000),
    /** Wait before an expiry that could not be stored is tried again. */
    expiryRetryMs: z.coerce.number().int().min(10).max(60_000).default(1_000),
  })
  .prefault({});
export type RegistryConfig = z.infer<typeof registryConfig>;
