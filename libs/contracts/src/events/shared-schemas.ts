import type { JsonObject, JsonValue } from '@tutti/kernel';
import { z } from 'zod';

/** Accepts what a JSON parser can have produced; values are not copied. */
export const jsonValue = z.custom<JsonValue>(
  (value) => value !== undefined && typeof value !== 'function' && typeof value !== 'symbol',
  'expected a JSON value',
);
export const jsonObject = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'expected a JSON object',
);

/** ISO 8601, UTC, milliseconds. */
export const timestamp = z.iso.datetime({ precision: 3 });
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected a lower-case hex SHA-256');

/** A value in an event: itself, or the address of the blob that holds its JSON text. */
export const storedValue = z.union([
  z.object({ inline: jsonValue }).readonly(),
  z.object({ blob: sha256, bytes: z.int().nonnegative() }).readonly(),
]);
export type StoredValue = z.infer<typeof storedValue>;

export const failure = z
  .object({
    /** From the code table, or the agent's own. */
    code: z.string().min(1),
    message: z.string(),
    details: jsonValue.optional(),
  })
  .readonly();
export type Failure = z.infer<typeof failure>;
