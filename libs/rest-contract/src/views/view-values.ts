import { z } from 'zod';

// Members of a view that have their default may be left out by a server, and a reader passes over what it does not know.
export const text = z.string().default('');
export const texts = z.array(z.string()).default([]);
export const count = z.coerce
  .number()
  .meta({ override: { type: 'integer' } })
  .default(0);
/** A number that need not be whole. */
export const amount = z.coerce
  .number()
  .meta({ override: { type: 'number' } })
  .default(0);
export const flag = z.boolean().default(false);
/** ISO 8601, UTC. */
export const time = z.string().meta({ format: 'date-time' }).optional();
export const labels = z.record(z.string(), z.string()).default({});
/** Whatever JSON it is; left out where there is none. */
export const anything = z.unknown().optional();
export const members = z.record(z.string(), z.unknown());

/** One of the words; a newer server may have further ones. */
export const oneOf = (words: readonly string[], otherwise = '') =>
  z
    .string()
    .meta({ description: `${words.join(', ')}; later versions may have more` })
    .default(otherwise);

/** Where a list goes on; empty at its end. */
export const page = { nextPageToken: text };

/** Position of the newest event of the change; a later query may name it as `minPosition`. */
export const changed = z.object({ position: count }).meta({ id: 'Changed' });
