import { z } from 'zod';

const MAX_PAGE_SIZE = 1_000;

/** A name or id as it stands in a path or query: what it must look like in full, its owner says. */
export const nameText = z
  .string()
  .min(1)
  .max(300)
  .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), 'expected text without control characters');

/** Text people write, like a reason. */
export const freeText = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .refine((text) => !text.includes('\0'), 'expected text without NUL characters');

export const wholeNumber = (least: number, most: number = Number.MAX_SAFE_INTEGER) =>
  z
    .string()
    .regex(/^-?\d{1,16}$/, 'expected a whole number')
    .meta({ override: { type: 'integer', minimum: least, maximum: most } })
    .transform(Number)
    .pipe(z.number().int().min(least).max(most));

export const flag = z.enum(['true', 'false', '']).transform((text) => text !== 'false');

/** A parameter that may be given more than once. */
export const repeated = <Item extends z.ZodType>(item: Item, most: number) =>
  z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(item).max(most));

/** 0 stands for "as it is" in the contracts. */
export const minPosition = wholeNumber(0).default(0);

/** Empty, as when left out, for all. */
export const optionalName = nameText.or(z.literal('')).default('');

export const paging = {
  /** 0 stands for the contract's default. */
  pageSize: wholeNumber(1, MAX_PAGE_SIZE).default(0),
  pageToken: z.string().max(2_000).default(''),
};

export const idPath = z.strictObject({ id: nameText });

/** Headers that every request may have; the others of a request are not looked at. */
export const idempotencyKey = z.string().regex(/^[\x21-\x7e]{1,200}$/, 'expected 1 to 200 visible ASCII characters');

export const startHeaders = z.object({
  'idempotency-key': idempotencyKey.default(''),
  traceparent: z
    .string()
    .regex(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
    // W3C Trace Context: a header that cannot be read is as good as none.
    .catch(''),
});

export const json = z.json();
export const jsonObject = z.record(z.string(), json);
