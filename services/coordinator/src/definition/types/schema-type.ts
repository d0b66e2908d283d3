import { isJsonObject, type JsonObject, type JsonValue } from '@tutti/kernel';
import { spend } from './bounded.js';

/** What is known of a value: everything in the list holds for it. An empty list is any value. */
export type SchemaType = readonly SchemaPart[];

export type SchemaPart =
  /** `root` is what its local references are read in. */
  | { readonly kind: 'schema'; readonly schema: JsonObject; readonly root: JsonValue }
  /** At least one of these. */
  | { readonly kind: 'union'; readonly of: readonly SchemaType[] }
  | RecordPart
  | ListPart
  /** No value at all. */
  | { readonly kind: 'never' };

/** An object with these members and no others. */
export interface RecordPart {
  readonly kind: 'record';
  readonly members: ReadonlyMap<string, SchemaType>;
  /** Members that are always there. */
  readonly required: ReadonlySet<string>;
}

/** A list whose items are all of one type. */
export interface ListPart {
  readonly kind: 'list';
  readonly item: SchemaType;
}

export const ANY: SchemaType = [];
export const NEVER: SchemaType = [{ kind: 'never' }];

/** The type that a JSON Schema describes; references to anything but itself say nothing. */
export function typeOfSchema(schema: JsonValue | undefined, root: JsonValue = schema ?? true): SchemaType {
  if (schema === false) return NEVER;
  return isJsonObject(schema) ? [{ kind: 'schema', schema, root }] : ANY;
}

export function typeOfValue(value: JsonValue): SchemaType {
  return typeOfSchema({ const: value });
}

export function unionOf(types: readonly SchemaType[]): SchemaType {
  const [only] = types;
  if (types.length === 1 && only !== undefined) return only;
  return types.some((type) => type.length === 0) ? ANY : [{ kind: 'union', of: types }];
}

interface Located {
  readonly schema: JsonObject;
  readonly root: JsonValue;
}

/** A type with its references and `allOf` taken apart. */
export interface FlatType {
  readonly never: boolean;
  /** Their own keywords hold, but for `$ref`, `allOf`, `anyOf` and `oneOf`. */
  readonly schemas: readonly Located[];
  readonly records: readonly RecordPart[];
  readonly lists: readonly ListPart[];
  /** Of each, at least one holds. */
  readonly unions: readonly (readonly SchemaType[])[];
}

export function flatten(type: SchemaType): FlatType {
  const schemas: Located[] = [];
  const records: RecordPart[] = [];
  const lists: ListPart[] = [];
  const unions: (readonly SchemaType[])[] = [];
  const seen = new Set<JsonObject>();
  let never = false;
  const visit = (part: SchemaPart): void => {
    spend();
    if (part.kind === 'never') never = true;
    else if (part.kind === 'union') unions.push(part.of);
    else if (part.kind === 'record') records.push(part);
    else if (part.kind === 'list') lists.push(part);
    else visitSchema(part);
  };
  const visitSchema = ({ schema, root }: Located): void => {
    if (seen.has(schema)) return;
    seen.add(schema);
    schemas.push({ schema, root });
    const { $ref, allOf } = schema;
    if (typeof $ref === 'string') typeOfSchema(resolveReference(root, $ref), root).forEach(visit);
    if (isList(allOf)) for (const member of allOf) typeOfSchema(member, root).forEach(visit);
    for (const branches of [schema['anyOf'], schema['oneOf']])
      if (isList(branches)) unions.push(branches.map((branch) => typeOfSchema(branch, root)));
  };
  type.forEach(visit);
  return { never, schemas, records, lists, unions };
}

/** What of the flat type is no union, as a type. */
export function plainPart({ schemas, records, lists }: FlatType): SchemaType {
  return [
    ...schemas.map(({ schema, root }) => ({ kind: 'schema', schema: withoutCombiners(schema), root }) as const),
    ...records,
    ...lists,
  ];
}

export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

export function numberIn(schema: JsonObject, keyword: string): number | null {
  const value = schema[keyword];
  return typeof value === 'number' ? value : null;
}

const COMBINERS: ReadonlySet<string> = new Set(['$ref', 'allOf', 'anyOf', 'oneOf']);
const plain = new WeakMap<JsonObject, JsonObject>();

function withoutCombiners(schema: JsonObject): JsonObject {
  let found = plain.get(schema);
  if (found === undefined) {
    found = Object.keys(schema).some((key) => COMBINERS.has(key))
      ? Object.fromEntries(Object.entries(schema).filter(([key]) => !COMBINERS.has(key)))
      : schema;
    plain.set(schema, found);
  }
  return found;
}

/** Undefined, which says nothing, for what is not a JSON Pointer within the document. */
function resolveReference(root: JsonValue, reference: string): JsonValue | undefined {
  if (reference !== '#' && !reference.startsWith('#/')) return undefined;
  // An inner `$id` would be what references within it are relative to.
  if (hasInnerId(root)) return undefined;
  let node: JsonValue | undefined = root;
  for (const escaped of reference.split('/').slice(1)) {
    const name = unescapePointer(escaped);
    if (name === null) return undefined;
    if (isList(node)) node = node[Number(name)];
    else if (isJsonObject(node) && Object.hasOwn(node, name)) node = node[name];
    else return undefined;
  }
  return node;
}

function unescapePointer(text: string): string | null {
  try {
    return decodeURIComponent(text).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return null;
  }
}

const innerIds = new WeakMap<JsonObject, boolean>();

function hasInnerId(root: JsonValue): boolean {
  if (!isJsonObject(root)) return false;
  const known = innerIds.get(root);
  if (known !== undefined) return known;
  const found = Object.values(root).some(holdsId);
  innerIds.set(root, found);
  return found;
}

function holdsId(value: JsonValue): boolean {
  if (isList(value)) return value.some(holdsId);
  return isJsonObject(value) && (Object.hasOwn(value, '$id') || Object.values(value).some(holdsId));
}
