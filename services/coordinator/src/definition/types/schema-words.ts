import type { JsonValue } from '@tutti/kernel';
import { bounded } from './bounded.js';
import { basicTypesOf, type BasicType } from './basic-types.js';
import { listedValues } from './schema-empty.js';
import { flatten, numberIn, type FlatType, type SchemaType } from './schema-type.js';

const WORDS: Readonly<Record<BasicType, string>> = {
  null: 'null',
  boolean: 'true or false',
  number: 'a number',
  string: 'a string',
  array: 'a list',
  object: 'an object',
};
const BOUNDS: readonly (readonly [keyword: string, words: (bound: number) => string])[] = [
  ['minimum', (bound) => `at least ${bound}`],
  ['exclusiveMinimum', (bound) => `more than ${bound}`],
  ['maximum', (bound) => `at most ${bound}`],
  ['exclusiveMaximum', (bound) => `less than ${bound}`],
  ['minLength', (bound) => `of at least ${bound} characters`],
  ['maxLength', (bound) => `of at most ${bound} characters`],
  ['minItems', (bound) => `of at least ${bound} items`],
  ['maxItems', (bound) => `of at most ${bound} items`],
];
const MAX_VALUES = 8;
const MAX_PARTS = 500;

/** The type as a person would say it: "a number", "one of "low", "high"", "a list or null". */
export function describeType(type: SchemaType): string {
  return bounded(MAX_PARTS, 'something else', () => describeAt(type));
}

function describeAt(type: SchemaType): string {
  const flat = flatten(type);
  const values = listedValues(flat);
  if (values !== null) return describeValues(values);
  const { types, isInteger } = basicTypesOf(flat);
  const [branches] = flat.unions;
  if (types.size === 6 && branches !== undefined) return orList([...new Set(branches.map(describeAt))]);
  if (types.size === 6) return 'any value';
  if (types.size === 0) return 'nothing that can be';
  const words = [...types].map((name) => (name === 'number' && isInteger ? 'a whole number' : WORDS[name]));
  return `${orList(words)}${types.size === 1 ? bounds(flat) : ''}`;
}

function describeValue(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

export function orList(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}

function describeValues(values: readonly JsonValue[]): string {
  const [only] = values;
  if (values.length === 1 && only !== undefined) return describeValue(only);
  const more = values.length > MAX_VALUES ? ', …' : '';
  return `one of ${values.slice(0, MAX_VALUES).map(describeValue).join(', ')}${more}`;
}

function bounds({ schemas }: FlatType): string {
  const found = BOUNDS.flatMap(([keyword, words]) => {
    const given = schemas.map(({ schema }) => numberIn(schema, keyword)).filter((bound) => bound !== null);
    return given.length === 0
      ? []
      : [words(keyword.includes('Min') || keyword.startsWith('min') ? Math.max(...given) : Math.min(...given))];
  });
  return found.length === 0 ? '' : ` ${found.join(' and ')}`;
}
