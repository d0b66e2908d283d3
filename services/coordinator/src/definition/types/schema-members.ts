import { isJsonObject, type JsonObject } from '@tutti/kernel';
import { ANY, isList, NEVER, typeOfSchema, unionOf, type FlatType, type SchemaType } from './schema-type.js';

/** What is said of a member of the object, its alternatives left aside. */
export function memberType({ schemas, records }: FlatType, name: string): SchemaType {
  const ofRecords = records.flatMap(({ members }) => members.get(name) ?? NEVER);
  const ofSchemas = schemas.flatMap(({ schema, root }) => {
    const { properties, additionalProperties } = schema;
    if (name === '__proto__') return ANY;
    if (isJsonObject(properties) && Object.hasOwn(properties, name)) return typeOfSchema(properties[name], root);
    // Whether a pattern takes the name is left open.
    return hasPatterns(schema) ? ANY : typeOfSchema(additionalProperties, root);
  });
  return [...ofSchemas, ...ofRecords];
}

/** What is said of the list's item at this place. */
export function itemType({ schemas, lists }: FlatType, index: number): SchemaType {
  const ofSchemas = schemas.flatMap(({ schema: { prefixItems, items }, root }) => {
    const prefix = isList(prefixItems) ? prefixItems : [];
    return index < prefix.length ? typeOfSchema(prefix[index], root) : typeOfSchema(items, root);
  });
  return [...ofSchemas, ...lists.flatMap(({ item }) => item)];
}

/** What is said of each item of the list, wherever it stands. */
export function anyItemType({ schemas, lists }: FlatType): SchemaType {
  const ofSchemas = schemas.flatMap(({ schema: { prefixItems, items }, root }) => {
    const rest = typeOfSchema(items, root);
    const prefix = isList(prefixItems) ? prefixItems.map((item) => typeOfSchema(item, root)) : [];
    return prefix.length === 0 ? rest : unionOf([...prefix, rest]);
  });
  return [...ofSchemas, ...lists.flatMap(({ item }) => item)];
}

/** Members that an object must have. Names that every object inherits are left out: the validator takes them for there. */
export function requiredMembers({ schemas, records }: FlatType): ReadonlySet<string> {
  const names = new Set(records.flatMap(({ required }) => [...required]));
  for (const { schema } of schemas) {
    const { required } = schema;
    if (!isList(required)) continue;
    for (const name of required) if (typeof name === 'string' && !(name in Object.prototype)) names.add(name);
  }
  return names;
}

/** Names that are given to members. */
export function namedMembers({ schemas, records }: FlatType): readonly string[] {
  const ofSchemas = schemas.flatMap(({ schema: { properties } }) => (isJsonObject(properties) ? Object.keys(properties) : []));
  return [...new Set([...ofSchemas, ...records.flatMap(({ members }) => [...members.keys()])])];
}

export function hasPatterns({ patternProperties }: JsonObject): boolean {
  return isJsonObject(patternProperties) && Object.keys(patternProperties).length > 0;
}
