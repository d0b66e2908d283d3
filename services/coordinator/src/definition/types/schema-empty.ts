import type { JsonValue } from '@tutti/kernel';
import { bounded } from './bounded.js';
import { basicTypesOf, type BasicType } from './basic-types.js';
import { itemType, memberType, requiredMembers } from './schema-members.js';
import { rejects } from './schema-rejects.js';
import { flatten, isList, numberIn, plainPart, type FlatType, type SchemaType } from './schema-type.js';

const MAX_DEPTH = 24;
/** Parts of schemas looked at for one answer. */
const MAX_PARTS = 4_000;
const MAX_ITEMS = 16;

/** Whether certainly no value is of both types. */
export function cannotMatch(source: SchemaType, target: SchemaType): boolean {
  return isEmpty([...source, ...target]);
}

/** Whether certainly no value is of this type. False also where it is not known. */
export function isEmpty(type: SchemaType): boolean {
  return bounded(MAX_PARTS, false, () => isEmptyAt(type, 0));
}

/** The values that it can have at most; null when they are not listed. */
export function listedValues({ schemas }: Pick<FlatType, 'schemas'>): readonly JsonValue[] | null {
  for (const { schema } of schemas) if (Object.hasOwn(schema, 'const')) return [schema['const'] ?? null];
  for (const { schema } of schemas) if (isList(schema['enum'])) return schema['enum'];
  return null;
}

function isEmptyAt(type: SchemaType, depth: number): boolean {
  if (depth > MAX_DEPTH) return false;
  const flat = flatten(type);
  if (flat.never) return true;
  const values = listedValues(flat);
  if (values !== null) return values.every((value) => rejects(type, value));
  const { types, isInteger } = basicTypesOf(flat);
  if ([...types].every((basic) => isEmptyOf(basic, flat, isInteger, depth))) return true;
  return isEmptyByUnions(flat, depth);
}

function isEmptyOf(basic: BasicType, flat: FlatType, isInteger: boolean, depth: number): boolean {
  switch (basic) {
    case 'number':
      return hasNoNumber(flat, isInteger);
    case 'string':
      return lowest(flat, 'minLength') > highest(flat, 'maxLength');
    case 'array':
      return hasNoList(flat, depth);
    case 'object':
      return hasNoObject(flat, depth);
    default:
      return false;
  }
}

function hasNoList(flat: FlatType, depth: number): boolean {
  const least = lowest(flat, 'minItems');
  if (least > highest(flat, 'maxItems')) return true;
  for (let index = 0; index < Math.min(least, MAX_ITEMS); index++) if (isEmptyAt(itemType(flat, index), depth + 1)) return true;
  return false;
}

function hasNoObject(flat: FlatType, depth: number): boolean {
  const required = requiredMembers(flat);
  const most = highest(flat, 'maxProperties');
  if (lowest(flat, 'minProperties') > most || required.size > most) return true;
  return [...required].some((name) => isEmptyAt(memberType(flat, name), depth + 1));
}

/** Alternatives that cannot be are left out; when several of one group are left, each is tried with those of the others. */
function isEmptyByUnions(flat: FlatType, depth: number): boolean {
  let rest: SchemaType = plainPart(flat);
  const open: (readonly SchemaType[])[] = [];
  for (const branches of flat.unions) {
    const possible = branches.filter((branch) => !isEmptyAt([...rest, ...branch], depth + 1));
    const [only] = possible;
    if (only === undefined) return true;
    if (possible.length === 1) rest = [...rest, ...only];
    else open.push(possible);
  }
  const [first, ...others] = open;
  if (first === undefined) return flat.unions.length > 0 && isEmptyAt(rest, depth + 1);
  if (others.length === 0 && possibleAlone(flat, rest)) return false;
  const remaining: SchemaType = others.map((of) => ({ kind: 'union', of }));
  return first.every((branch) => isEmptyAt([...rest, ...branch, ...remaining], depth + 1));
}

function hasNoNumber(flat: FlatType, isInteger: boolean): boolean {
  const low = lowest(flat, 'minimum');
  const high = highest(flat, 'maximum');
  const above = lowest(flat, 'exclusiveMinimum');
  const below = highest(flat, 'exclusiveMaximum');
  if (low > high || low >= below || above >= high || above >= below) return true;
  if (!isInteger) return false;
  const from = Math.max(Math.ceil(low), Math.floor(above) + 1);
  const to = Math.min(Math.floor(high), Math.ceil(below) - 1);
  return from > to;
}

function lowest({ schemas }: FlatType, keyword: string): number {
  return schemas.reduce((bound, { schema }) => Math.max(bound, numberIn(schema, keyword) ?? -Infinity), -Infinity);
}

function highest({ schemas }: FlatType, keyword: string): number {
  return schemas.reduce((bound, { schema }) => Math.min(bound, numberIn(schema, keyword) ?? Infinity), Infinity);
}

/** No group left but one, each of whose alternatives was found possible beside just this rest. */
function possibleAlone(flat: FlatType, rest: SchemaType): boolean {
  return rest.length === flat.schemas.length + flat.records.length + flat.lists.length;
}
