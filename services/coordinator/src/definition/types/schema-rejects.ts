import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from '@tutti/kernel';
import { isOfType } from './basic-types.js';
import { bounded } from './bounded.js';
import { itemType, memberType, requiredMembers } from './schema-members.js';
import { flatten, isList, numberIn, type FlatType, type SchemaType } from './schema-type.js';

const MAX_DEPTH = 64;
/** Parts of schemas looked at for one answer. */
const MAX_PARTS = 4_000;

/** Whether the value certainly does not match. False also where it is not known: for patterns, formats, `not` and the like. */
export function rejects(type: SchemaType, value: JsonValue): boolean {
  return bounded(MAX_PARTS, false, () => rejectsAt(type, value, 0));
}

function rejectsAt(type: SchemaType, value: JsonValue, depth: number): boolean {
  if (depth > MAX_DEPTH) return false;
  const flat = flatten(type);
  if (flat.never) return true;
  return (
    flat.schemas.some(({ schema }) => rejectsBySchema(schema, value)) ||
    rejectsByMembers(flat, value, depth) ||
    flat.unions.some((branches) => branches.every((branch) => rejectsAt(branch, value, depth + 1)))
  );
}

function rejectsBySchema(schema: JsonObject, value: JsonValue): boolean {
  if (!isOfType(value, schema)) return true;
  const { enum: allowed } = schema;
  if (Object.hasOwn(schema, 'const') && !isSame(schema['const'] ?? null, value)) return true;
  if (isList(allowed) && !allowed.some((other) => isSame(other, value))) return true;
  if (typeof value === 'number') return isOutside(schema, value, 'minimum', 'maximum') || isOutsideExclusive(schema, value);
  // Characters, not halves of them.
  if (typeof value === 'string') return isOutside(schema, [...value].length, 'minLength', 'maxLength');
  if (isList(value)) return isOutside(schema, value.length, 'minItems', 'maxItems');
  return isJsonObject(value) && isOutside(schema, Object.keys(value).length, 'minProperties', 'maxProperties');
}

function rejectsByMembers(flat: FlatType, value: JsonValue, depth: number): boolean {
  if (isList(value)) return value.some((item, index) => rejectsAt(itemType(flat, index), item, depth + 1));
  if (!isJsonObject(value)) return false;
  return (
    [...requiredMembers(flat)].some((name) => !Object.hasOwn(value, name)) ||
    Object.entries(value).some(([name, member]) => rejectsAt(memberType(flat, name), member, depth + 1))
  );
}

function isOutside(schema: JsonObject, size: number, min: string, max: string): boolean {
  return size < (numberIn(schema, min) ?? -Infinity) || size > (numberIn(schema, max) ?? Infinity);
}

function isOutsideExclusive(schema: JsonObject, value: number): boolean {
  return value <= (numberIn(schema, 'exclusiveMinimum') ?? -Infinity) || value >= (numberIn(schema, 'exclusiveMaximum') ?? Infinity);
}

function isSame(left: JsonValue, right: JsonValue): boolean {
  return left === right || (typeof left === 'object' && typeof right === 'object' && canonicalJson(left) === canonicalJson(right));
}
