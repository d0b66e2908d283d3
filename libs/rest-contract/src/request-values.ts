import type { JsonObject, JsonValue } from '@tutti/kernel';
import { z } from 'zod';

const MAX_PAGE_SIZE = 1_000;
const MOST_VERSIONS = 4_294_967_295;
const PLAIN = String.raw`^[^\u0000-\u001f\u007f-\u009f]*$`;

/** A name or id as it stands in a path or query: what it must look like in full, its owner says. */
export const nameText = z.string().min(1).max(300).refine(isPlain, 'expected text without control characters').meta({ pattern: PLAIN });

/** Text people write, like a reason. */
export const freeText = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .refine((text) => !text.includes('\0'), 'expected text without NUL characters');

export const reason = freeText(2_000).default('').meta({ description: 'Recorded with the change' });
export const reasonBody = z.strictObject({ reason });

export const wholeNumber = (least: number, most: number = Number.MAX_SAFE_INTEGER) =>
  z
    .string()
    .regex(/^-?\d{1,16}$/, 'expected a whole number')
    .meta({ override: { type: 'integer', minimum: least, maximum: most } })
    .transform(Number)
    .pipe(z.number().int().min(least).max(most));

export const versionNumber = wholeNumber(1, MOST_VERSIONS);

/** In a body; 0 for the newest. */
export const versionOrNewest = z.int().min(0).max(MOST_VERSIONS).default(0);

export const flag = z.enum(['true', 'false', '']).transform((text) => text !== 'false');

/** A parameter that may be given more than once. */
export const repeated = <Item extends z.ZodType>(item: Item, most: number) =>
  z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(item).max(most));

/** 0 stands for "as it is" in the contracts. */
export const minPosition = wholeNumber(0)
  .default(0)
  .meta({ description: 'The answer holds every event up to this position: name that of a change to read your own write' });

/** Empty, as when left out, for all. */
export const optionalName = z
  .string()
  .max(300)
  .refine(isPlain, 'expected text without control characters')
  .meta({ pattern: PLAIN })
  .default('');

export const paging = {
  /** 0 stands for the contract's default. */
  pageSize: wholeNumber(1, MAX_PAGE_SIZE).default(0),
  pageToken: z.string().max(2_000).default('').meta({ description: '`nextPageToken` of the page before' }),
};

export const idPath = z.strictObject({ id: nameText });
export const namePath = z.strictObject({ name: nameText });

export const idempotencyKey = z.string().regex(/^[\x21-\x7e]{1,200}$/, 'expected 1 to 200 visible ASCII characters');

// Headers that a route looks at; the others of a request are passed over.
const keyHeader = {
  'idempotency-key': idempotencyKey
    .default('')
    .meta({ description: 'The same request again with the same key answers as the first time, and does nothing more' }),
};
const traceHeader = {
  traceparent: z
    .string()
    .regex(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
    .default('')
    // W3C Trace Context: a header that cannot be read is as good as none.
    .catch('')
    .meta({ description: 'W3C Trace Context; kept with what is recorded' }),
};
export const keyHeaders = z.object(keyHeader);
export const traceHeaders = z.object(traceHeader);
export const startHeaders = z.object({ ...keyHeader, ...traceHeader });

/** Any JSON value. It came through a JSON parser, so it is looked at no more. */
export const json = z.custom<JsonValue>((value) => value !== undefined, 'expected a JSON value').meta({ override: {} });
export const jsonObject = z
  .custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'expected a JSON object')
  .meta({ override: { type: 'object', additionalProperties: true } });

export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected a lower-case hex SHA-256');
export const mailAddress = z
  .string()
  .max(254)
  .regex(/^[^\s@<>(),;:"\\[\]]+@[^\s@<>(),;:"\\[\]]+$/, 'expected a mail address, like "ann@example.com"');

function isPlain(text: string): boolean {
  return text.isWellFormed() && !/\p{Cc}/u.test(text);
}
