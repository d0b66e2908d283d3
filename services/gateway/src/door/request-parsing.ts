import type { PipeTransform } from '@nestjs/common';
import { invalidRequest, parseRequest } from '@tutti/service-kit';
import { z } from 'zod';
import { parseJsonText } from './json-text.js';

const MAX_PAGE_SIZE = 1_000;

/** Query or path parameters, which are texts. */
export function parameters<Schema extends z.ZodType>(schema: Schema): PipeTransform<unknown, z.output<Schema>> {
  return { transform: (value) => parseRequest(schema, { ...(value as object) }) };
}

/** A JSON body; none at all counts as `{}`, so that the schema says what is missing. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema): PipeTransform<unknown, z.output<Schema>> {
  return { transform: (body) => parseRequest(schema, textOfBody(body) === '' ? {} : parseJsonText(textOfBody(body))) };
}

/** The body as text. */
export const textBody: PipeTransform<unknown, string> = {
  transform: (body) => {
    const text = textOfBody(body);
    if (text === '') throw invalidRequest([{ path: '', message: 'the body is empty' }]);
    return text;
  },
};

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
    .transform(Number)
    .pipe(z.number().int().min(least).max(most));

export const flag = z.enum(['true', 'false', '']).transform((text) => text !== 'false');

/** A parameter that may be given more than once. */
export const repeated = <Item extends z.ZodType>(item: Item, most: number) =>
  z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(item).max(most));

/** 0 stands for "as it is" in the contracts. */
export const minPosition = wholeNumber(0).default(0);

export const paging = {
  /** 0 stands for the contract's default. */
  pageSize: wholeNumber(1, MAX_PAGE_SIZE).default(0),
  pageToken: z.string().max(2_000).default(''),
};

/** The body parser gives text; without a body there is nothing. */
export function textOfBody(body: unknown): string {
  return typeof body === 'string' ? body : '';
}
