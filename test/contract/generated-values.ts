import fc from 'fast-check';
import { resolved, type ApiDocument, type Schema } from './api-document.js';

const LONGEST = 40;
const DEEPEST = 3;
const MOST_ITEMS = 4;

/** Texts that go wrong in many places: half a surrogate pair, several writing systems, names that objects have already. */
export const ODD_TEXTS = [
  '',
  ' ',
  '\0',
  '\u202e',
  '\ud800',
  '\ufffe',
  'ü😀漢',
  '__proto__',
  'constructor',
  '../..',
  '%00',
  '${{ 1 }}',
  "'; --",
];

/** Values that the schema describes. */
export function valuesOf(document: ApiDocument, given: Schema, depth = 0): fc.Arbitrary<unknown> {
  const schema = resolved(document, given);
  const choices = schema.anyOf ?? schema.oneOf;
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (choices !== undefined) return fc.oneof(...choices.map((choice) => valuesOf(document, choice, depth)));
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'string':
      return texts(schema);
    case 'integer':
      return integers(schema);
    case 'number':
      return fc.double({ min: schema.minimum ?? -1e9, max: schema.maximum ?? 1e9, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valuesOf(document, schema.items ?? {}, depth + 1), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? MOST_ITEMS, MOST_ITEMS),
      });
    case 'object':
      return objects(document, schema, depth);
    default:
      return depth > DEEPEST ? fc.constant(null) : fc.jsonValue({ maxDepth: 2 }).map(wellFormed);
  }
}

function texts({ pattern, format, minLength = 0, maxLength = LONGEST }: Schema): fc.Arbitrary<string> {
  const most = Math.min(maxLength, Math.max(minLength, LONGEST));
  if (format === 'date-time')
    return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => date.toISOString());
  if (pattern !== undefined && !pattern.startsWith('^[^\\u0000')) return fc.stringMatching(new RegExp(pattern));
  const units = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...'abcxyz019-._') },
    { weight: 1, arbitrary: fc.constantFrom('ü', '漢', '😀', ' ') },
  );
  return fc.array(units, { minLength, maxLength: most }).map((letters) => letters.join('').slice(0, maxLength).toWellFormed());
}

function integers({ minimum = -1_000_000, maximum = Number.MAX_SAFE_INTEGER }: Schema): fc.Arbitrary<number> {
  const near = fc.integer({ min: minimum, max: Math.min(maximum, minimum + 50) });
  return fc.oneof({ weight: 4, arbitrary: near }, { weight: 1, arbitrary: fc.constantFrom(minimum, maximum) });
}

function objects(document: ApiDocument, schema: Schema, depth: number): fc.Arbitrary<unknown> {
  const members = Object.entries(schema.properties ?? {}).map(([name, member]) => [name, valuesOf(document, member, depth + 1)] as const);
  const named = fc.record(Object.fromEntries(members), { requiredKeys: [...(schema.required ?? [])] });
  if (schema.properties !== undefined || schema.additionalProperties === false) return named;
  const values = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {};
  return fc.dictionary(texts(schema.propertyNames ?? { minLength: 1, maxLength: 20 }), valuesOf(document, values, depth + 1), {
    maxKeys: 3,
  });
}

/** Halves of surrogate pairs are for requests that are meant to be bad. */
function wellFormed(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value)
      .toWellFormed()
      .replaceAll(/\\u(?:d[89a-f][0-9a-f]{2}|0000)/gi, '?')
      .replaceAll('"__proto__"', '"proto"'),
  );
}
