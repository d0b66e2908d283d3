import type { JsonObject, JsonValue } from '@tutti/kernel';
import { isList, type FlatType } from './schema-type.js';

export type BasicType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

const BASIC_TYPES: readonly BasicType[] = ['null', 'boolean', 'number', 'string', 'array', 'object'];

export interface BasicTypes {
  readonly types: ReadonlySet<BasicType>;
  /** Its numbers are whole. */
  readonly isInteger: boolean;
}

/** What `type` leaves over, of all parts together. */
export function basicTypesOf({ schemas, records, lists }: FlatType): BasicTypes {
  let types: ReadonlySet<BasicType> = new Set(
    BASIC_TYPES.filter((type) => (records.length === 0 || type === 'object') && (lists.length === 0 || type === 'array')),
  );
  let isInteger = false;
  for (const { schema } of schemas) {
    const names = typeNames(schema);
    if (names === null) continue;
    isInteger ||= names.includes('integer') && !names.includes('number');
    types = new Set([...types].filter((type) => names.includes(type) || (type === 'number' && names.includes('integer'))));
  }
  return { types, isInteger };
}

export function basicTypeOf(value: JsonValue): BasicType {
  if (value === null) return 'null';
  if (isList(value)) return 'array';
  return typeof value as Exclude<BasicType, 'null' | 'array'>;
}

/** Whether a value is of a type that `type` names; true without `type`. */
export function isOfType(value: JsonValue, schema: JsonObject): boolean {
  const names = typeNames(schema);
  if (names === null) return true;
  const basic = basicTypeOf(value);
  return names.includes(basic) || (names.includes('integer') && Number.isInteger(value));
}

/** Null when every type is allowed. The validator takes OpenAPI's `nullable` too. */
function typeNames(schema: JsonObject): readonly string[] | null {
  const { type } = schema;
  const names = typeof type === 'string' ? [type] : isList(type) ? type.filter((name) => typeof name === 'string') : null;
  return names !== null && schema['nullable'] === true ? [...names, 'null'] : names;
}
