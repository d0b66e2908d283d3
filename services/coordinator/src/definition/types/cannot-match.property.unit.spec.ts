import { describe, expect, it } from '@jest/globals';
import { isJsonObject, type JsonObject, type JsonValue } from '@tutti/kernel';
import fc from 'fast-check';
import { walkPath } from '../../expressions/scope.js';
import { compileSchema } from '../json-schema.js';
import { readMember } from './read-member.js';
import { cannotMatch } from './schema-empty.js';
import { rejects } from './schema-rejects.js';
import { typeOfSchema, type SchemaType } from './schema-type.js';

const NAMES = ['a', 'b', 'c', 'constructor'] as const;
const scalar = fc.constantFrom<JsonValue>(null, true, false, 0, 1, 2.5, -3, 7, '', 'a', 'b', 'long text');
const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 3, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 4 }) },
    { weight: 3, arbitrary: fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 4, noNullPrototype: true }) },
  ),
}));

const small = fc.integer({ min: -4, max: 8 });
const size = fc.integer({ min: 0, max: 4 });
const optional = (members: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<JsonObject> =>
  fc.record(members, { requiredKeys: [], noNullPrototype: true }) as fc.Arbitrary<JsonObject>;
const typeName = fc.constantFrom('null', 'boolean', 'number', 'integer', 'string', 'array', 'object');

/** Every keyword that is looked at, and some that are not. */
const { schema } = fc.letrec<{ schema: JsonValue }>((tie) => {
  const inner = tie('schema');
  const members = fc.dictionary(fc.constantFrom(...NAMES), inner, { maxKeys: 3, noNullPrototype: true });
  const required = fc.uniqueArray(fc.constantFrom<string>(...NAMES, 'toString'), { maxLength: 2 });
  const closed = fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: inner });
  const object = fc.oneof(
    optional({ properties: members, required, additionalProperties: closed, minProperties: size, maxProperties: size }).map((rest) => ({
      type: 'object',
      ...rest,
    })),
    optional({ properties: members, required, patternProperties: fc.constant({ '^a': {} }), additionalProperties: closed }),
  );
  const list = optional({
    prefixItems: fc.array(inner, { minLength: 1, maxLength: 2 }),
    items: inner,
    minItems: size,
    maxItems: size,
    uniqueItems: fc.boolean(),
  }).map((rest) => ({ type: 'array', ...rest }));
  const number = optional({ minimum: small, maximum: small, exclusiveMinimum: small, exclusiveMaximum: small, multipleOf: fc.constant(2) });
  const plain = fc.oneof(
    fc.record({ type: typeName }),
    fc.record({ type: fc.uniqueArray(typeName, { minLength: 1, maxLength: 3 }) }),
    fc.record({ type: fc.constantFrom('string', 'number'), nullable: fc.constant(true) }),
    fc.record({ const: value }),
    fc.record({ enum: fc.array(value, { minLength: 1, maxLength: 3 }) }),
    fc.tuple(fc.constantFrom('number', 'integer'), number).map(([type, rest]) => ({ type, ...rest })),
    optional({ minLength: size, maxLength: size, pattern: fc.constant('^a') }).map((rest) => ({ type: 'string', ...rest })),
  );
  const branches = fc.array(inner, { minLength: 1, maxLength: 3 });
  const combined = fc.oneof(
    fc.record({ anyOf: branches }),
    fc.record({ oneOf: branches }),
    fc.record({ allOf: branches }),
    fc.record({ not: inner }),
    fc.constant({ $ref: '#/$defs/one' }),
    fc.record({ anyOf: branches, oneOf: branches }),
    fc.record({ $ref: fc.constant('#/$defs/one'), anyOf: branches }),
    fc.constant({ type: 'object', properties: { a: { $ref: '#' } } }),
  );
  return {
    schema: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      { weight: 5, arbitrary: plain },
      { weight: 1, arbitrary: fc.boolean() },
      { weight: 4, arbitrary: object },
      { weight: 2, arbitrary: list },
      { weight: 2, arbitrary: combined },
    ),
  };
});

const whole: fc.Arbitrary<JsonObject> = fc
  .tuple(schema, schema)
  .map(([top, one]) => ({ ...(isJsonObject(top) ? top : { allOf: [top] }), $defs: { one } }));

/** Values as the schema would have them, with luck: what is there to be found must be likely. */
function valuesOf(from: JsonValue, root: JsonObject, depth = 0): fc.Arbitrary<JsonValue> {
  if (!isJsonObject(from) || depth > 3) return value;
  const inner = (of: JsonValue | undefined): fc.Arbitrary<JsonValue> => valuesOf(of ?? true, root, depth + 1);
  const { anyOf, oneOf, allOf, $ref, properties, required, items, minItems, type, minimum } = from;
  const choices: fc.Arbitrary<JsonValue>[] = [];
  if ('const' in from) choices.push(fc.constant(from['const'] ?? null));
  if (Array.isArray(from['enum'])) choices.push(fc.constantFrom(...(from['enum'] as JsonValue[])));
  for (const branch of [anyOf, oneOf, allOf].flatMap((of) => (Array.isArray(of) ? (of as JsonValue[]) : []))) choices.push(inner(branch));
  if ($ref === '#/$defs/one') choices.push(inner((root['$defs'] as JsonObject)['one']));
  if (isJsonObject(properties)) {
    const requiredKeys = Array.isArray(required) ? (required as string[]).filter((name) => Object.hasOwn(properties, name)) : [];
    const members = Object.fromEntries(Object.entries(properties).map(([name, of]) => [name, inner(of)]));
    choices.push(fc.record(members, { requiredKeys, noNullPrototype: true }));
  }
  if (items !== undefined) choices.push(fc.array(inner(items), { minLength: typeof minItems === 'number' ? minItems : 0, maxLength: 4 }));
  if (typeof minimum === 'number') choices.push(fc.constantFrom(minimum, minimum + 1, minimum + 0.5));
  const kinds: Readonly<Record<string, fc.Arbitrary<JsonValue>>> = {
    null: fc.constant(null),
    boolean: fc.boolean(),
    number: fc.oneof(small, fc.constantFrom(0.5, 2.5)),
    integer: small,
    string: fc.constantFrom('', 'a', 'ab', 'abc', 'b', '😀'),
    array: fc.array(value, { maxLength: 3 }),
    object: fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 3, noNullPrototype: true }),
  };
  for (const name of [type].flat()) if (typeof name === 'string') choices.push(kinds[name] ?? value);
  if (from['nullable'] === true) choices.push(fc.constant(null));
  return choices.length === 0 ? value : fc.oneof(...choices);
}

const closed = (of: JsonObject): JsonObject => ({ ...of, type: 'object', additionalProperties: false });
const typeOf = (of: JsonObject): SchemaType => typeOfSchema(of);
const withValues = (arbitrary: fc.Arbitrary<JsonObject>): fc.Arbitrary<readonly [JsonObject, readonly JsonValue[]]> =>
  arbitrary.chain((of) => fc.tuple(fc.constant(of), fc.array(fc.oneof(valuesOf(of, of), value), { minLength: 8, maxLength: 16 })));

/** Null for what the validator does not take. A schema that refers to itself at once matches nothing: the validator does not come to an end with it. */
function validatorOf(of: JsonObject): ((of: JsonValue) => boolean) | null {
  try {
    const { check } = compileSchema(of);
    return (candidate) => {
      try {
        return check(candidate).length === 0;
      } catch {
        return false;
      }
    };
  } catch {
    return null;
  }
}

describe('what is said to be certain', () => {
  it('holds for two types that cannot match: no value of the one is valid for the other', () => {
    let refused = 0;
    let tried = 0;
    fc.assert(
      fc.property(withValues(whole), withValues(whole), ([source, sourceValues], [target, targetValues]) => {
        if (!cannotMatch(typeOf(source), typeOf(target))) return true;
        const [ofSource, ofTarget] = [validatorOf(source), validatorOf(target)];
        if (ofSource === null || ofTarget === null) return true;
        refused++;
        return [...sourceValues, ...targetValues].every((candidate) => {
          const isOfSource = ofSource(candidate);
          if (isOfSource) tried++;
          return !isOfSource || !ofTarget(candidate);
        });
      }),
      { numRuns: 500, seed: 7 },
    );
    // Both sides must come up, or nothing was shown.
    expect({ refused: refused > 200, tried: tried > 700 }).toEqual({ refused: true, tried: true });
  }, 120_000);

  it('holds for a value that is rejected: the validator refuses it', () => {
    let rejected = 0;
    fc.assert(
      fc.property(withValues(whole), ([of, values]) => {
        const isValid = validatorOf(of);
        return (
          isValid === null ||
          values.every((candidate) => {
            if (!rejects(typeOf(of), candidate)) return true;
            rejected++;
            return !isValid(candidate);
          })
        );
      }),
      { numRuns: 250, seed: 8 },
    );
    expect(rejected).toBeGreaterThan(1_000);
  }, 120_000);

  it('holds for members: what can never be there is not, and what is there is of its type', () => {
    let missing = 0;
    let present = 0;
    fc.assert(
      fc.property(withValues(fc.oneof(whole, whole.map(closed))), fc.constantFrom('a', 'b', 'c'), ([of, values], name) => {
        const isValid = validatorOf(of);
        if (isValid === null) return true;
        const read = readMember(typeOf(of), name);
        return values.every((candidate) => {
          if (!isJsonObject(candidate) || !isValid(candidate)) return true;
          const walked = walkPath([name], candidate);
          const found = walked === 'unsure' ? undefined : walked.value;
          if ('missing' in read) missing++;
          else if (found !== undefined) present++;
          return found === undefined || ('type' in read && !rejects(read.type, found));
        });
      }),
      { numRuns: 800, seed: 9 },
    );
    expect({ missing: missing > 50, present: present > 150 }).toEqual({ missing: true, present: true });
  }, 120_000);
});
