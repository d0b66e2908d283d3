import { isJsonObject, type JsonValue } from '@tutti/kernel';
import { basicTypesOf, type BasicType } from './basic-types.js';
import { bounded } from './bounded.js';
import { isEmpty, listedValues } from './schema-empty.js';
import { anyItemType, memberType, namedMembers } from './schema-members.js';
import { describeType } from './schema-words.js';
import { ANY, flatten, plainPart, typeOfSchema, unionOf, type FlatType, type SchemaType } from './schema-type.js';

/** What a member is when it is there, or why it can never be. */
export type MemberRead = { readonly type: SchemaType } | { readonly missing: string };

const MAX_DEPTH = 16;
/** Parts of schemas looked at for one answer. */
const MAX_PARTS = 20_000;
const MAX_NAMES = 12;
const UNKNOWN: MemberRead = { type: ANY };

/** Reads a member as an expression's path does: of an object, or of each object in a list, which leaves its type open. */
export function readMember(type: SchemaType, name: string): MemberRead {
  return bounded(MAX_PARTS, UNKNOWN, () => readAt(type, name, 0));
}

function readAt(type: SchemaType, name: string, depth: number): MemberRead {
  const flat = flatten(type);
  if (flat.never || depth > MAX_DEPTH) return UNKNOWN;
  const values = listedValues(flat);
  if (values !== null) return readOfValues(values, name);
  const types = possibleTypes(flat);
  if (types.has('array')) return types.has('object') ? UNKNOWN : readOfItems(flat, name, depth);
  if (!types.has('object')) return types.size === 0 ? UNKNOWN : { missing: `is ${describeType(type)}, which has no members` };
  return readOfObject(flat, name, depth);
}

/** Those that at least one alternative leaves open. */
function possibleTypes(flat: FlatType): ReadonlySet<BasicType> {
  const { types } = basicTypesOf(flat);
  const rest = plainPart(flat);
  return new Set(
    [...types].filter((type) => {
      const only: SchemaType = [...rest, { kind: 'schema', schema: { type }, root: true }];
      return flat.unions.every((branches) => branches.some((branch) => !isEmpty([...only, ...branch])));
    }),
  );
}

function readOfValues(values: readonly JsonValue[], name: string): MemberRead {
  if (values.some((value) => Array.isArray(value))) return UNKNOWN;
  const objects = values.filter(isJsonObject);
  const found = objects.flatMap((value) => (Object.hasOwn(value, name) ? [value[name] ?? null] : []));
  if (found.length > 0) return { type: typeOfSchema({ enum: found }) };
  return { missing: sayMissing([...new Set(objects.flatMap((value) => Object.keys(value)))], name) };
}

function readOfItems(flat: FlatType, name: string, depth: number): MemberRead {
  const read = flat.unions.length > 0 ? UNKNOWN : readAt(anyItemType(flat), name, depth + 1);
  return 'missing' in read ? { missing: `is a list, whose items have no "${name}"` } : UNKNOWN;
}

function readOfObject(flat: FlatType, name: string, depth: number): MemberRead {
  const own = memberType(flat, name);
  if (isEmpty(own)) return { missing: describeMissing(flat, name) };
  let type: SchemaType = own;
  const rest = plainPart(flat);
  for (const branches of flat.unions) {
    const possible = branches.filter((branch) => !isEmpty([...rest, ...branch]));
    const reads = possible.map((branch) => readAt([...rest, ...branch], name, depth + 1));
    const found = reads.filter((read) => 'type' in read);
    const [missing] = reads;
    if (found.length === 0 && missing !== undefined) return missing;
    type = [...type, ...unionOf(found.map((read) => read.type))];
  }
  return { type };
}

function describeMissing(flat: FlatType, name: string): string {
  return sayMissing(
    namedMembers(flat).filter((other) => other !== name),
    name,
  );
}

function sayMissing(names: readonly string[], name: string): string {
  const has = names.length === 0 ? 'none' : `${names.slice(0, MAX_NAMES).join(', ')}${names.length > MAX_NAMES ? ', …' : ''}`;
  return `has no "${name}"; it has ${has}`;
}
