import { isJsonObject } from '@tutti/kernel';
import { indexedFields, KEY_FIELD, refuse, show } from '../definition.js';
import type { FieldPath, Query, ReadModelDefinition, Scalar } from '../read-models.port.js';
import { readCursor, type SortOrder } from './cursor.js';
import { parseCondition, type FieldTest } from './field-test.js';

/** A query that some index carries, in the one form that adapters translate. */
export interface QueryPlan extends SortOrder {
  readonly tests: readonly FieldTest[];
  /** Values of the `sort` fields of the document to come after. */
  readonly after: readonly Scalar[] | null;
  readonly limit: number;
}

const QUERY_PROPERTIES = ['filter', 'sort', 'after', 'limit'];
const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/** @throws TuttiError INVALID_REQUEST for whatever the filter language or the declared indexes do not carry. */
export function planQuery(definition: ReadModelDefinition, query: Query): QueryPlan {
  const unknown = Object.keys(query).find((property) => !QUERY_PROPERTIES.includes(property));
  if (unknown !== undefined) refuse(`query property ${show(unknown)}: expected ${QUERY_PROPERTIES.join(', ')}`);
  const limit = query.limit ?? DEFAULT_LIMIT;
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    refuse(`limit ${show(limit)}: expected a whole number from 1 to ${MAX_LIMIT}`);
  const tests = parseFilter(definition, query.filter);
  const order = parseSort(definition, query.sort, tests);
  requireIndex(definition, tests, order.sort);
  const after = query.after === undefined ? null : readCursor(query.after, order);
  return { ...order, tests, after, limit };
}

function parseFilter(definition: ReadModelDefinition, filter: Query['filter']): readonly FieldTest[] {
  if (filter === undefined) return [];
  if (!isJsonObject(filter)) refuse(`filter ${show(filter)}: expected an object from field to condition`);
  return Object.entries(filter).map(([field, condition]) => {
    requireField(definition, field, 'filter');
    return parseCondition(field, condition);
  });
}

function parseSort(definition: ReadModelDefinition, sort: Query['sort'], tests: readonly FieldTest[]): SortOrder {
  if (sort === undefined) return { sort: [KEY_FIELD], direction: 'asc' };
  if (!isListOfPairs(sort)) refuse(`sort ${show(sort)}: expected a list of [field, direction]`);
  for (const [field, direction] of sort) {
    requireField(definition, field, 'sort');
    if (direction !== 'asc' && direction !== 'desc') refuse(`direction ${show(direction)} of sort by ${field}: expected asc or desc`);
  }
  const direction = sort[0]?.[1] ?? 'asc';
  if (sort.some((entry) => entry[1] !== direction))
    refuse(`sort ${show(sort)}: expected one direction for all fields; an index is walked one way`);
  const fields = sort.map(([field]) => field);
  if (new Set(fields).size !== fields.length) refuse(`sort ${show(sort)}: expected every field once`);
  if (fields.slice(0, -1).includes(KEY_FIELD)) refuse(`sort ${show(sort)}: expected ${KEY_FIELD} last; nothing can follow a key`);
  const pinned = new Set(tests.filter((test) => test.values?.length === 1).map((test) => test.field));
  return { sort: [...fields.filter((field) => field !== KEY_FIELD && !pinned.has(field)), KEY_FIELD], direction };
}

/** Says nothing of a list that is typed already, so that the entries keep their type. */
function isListOfPairs(sort: NonNullable<Query['sort']>): boolean {
  return Array.isArray(sort) && sort.every((entry: unknown) => Array.isArray(entry) && entry.length === 2);
}

function requireField(definition: ReadModelDefinition, field: FieldPath, where: string): void {
  const fields = [KEY_FIELD, ...indexedFields(definition)];
  if (!fields.includes(field))
    refuse(`${where} by ${show(field)} of read model ${definition.name}: expected a field of a declared index (${fields.join(', ')})`);
}

function requireIndex(definition: ReadModelDefinition, tests: readonly FieldTest[], sort: readonly FieldPath[]): void {
  const byKey = sort.length === 1;
  if (byKey && tests.some((test) => test.field === KEY_FIELD && test.values !== null)) return;
  const sortedBy = new Set(sort);
  const equal = new Set<FieldPath>();
  const ranged: FieldPath[] = [];
  for (const { field, values } of tests) {
    // A field of several values that is also sorted by is walked like a range.
    if (values !== null && (values.length < 2 || !sortedBy.has(field))) equal.add(field);
    else ranged.push(field);
  }
  const carried = [...definition.indexes, []].some((index) => {
    const fields = [...index, KEY_FIELD];
    if (!fields.slice(0, equal.size).every((field) => equal.has(field))) return false;
    const rest = fields.slice(equal.size);
    if (ranged.length > 1 || (ranged[0] !== undefined && rest[0] !== ranged[0])) return false;
    return byKey || sort.slice(0, -1).every((field, place) => rest[place] === field);
  });
  if (carried) return;
  const asked = `equality on (${[...equal].join(', ')}), range on (${ranged.join(', ')}), sort by (${sort.join(', ')})`;
  const declared = definition.indexes.map((index) => `(${index.join(', ')})`).join(' ') || 'none';
  refuse(
    `no index of read model ${definition.name} carries ${asked}: expected equality on the first fields of an index, then one range field, which the sort begins with; declared: ${declared}`,
  );
}
