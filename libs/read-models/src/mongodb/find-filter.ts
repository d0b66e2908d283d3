import type { mongo } from 'mongoose';
import { KEY_FIELD } from '../definition.js';
import type { FieldTest } from '../query/field-test.js';
import type { QueryPlan } from '../query/query-plan.js';
import type { FieldPath, Scalar } from '../read-models.port.js';
import type { MongoDocument } from './stored-document.js';

type Operators = Readonly<Record<string, unknown>>;
type Conditions = mongo.Filter<MongoDocument>;

export interface MongoFind {
  readonly filter: mongo.Filter<MongoDocument>;
  readonly sort: readonly (readonly [path: string, direction: 1 | -1])[];
  readonly limit: number;
}

/** The plan in MongoDB's own language; null where nothing can match. */
export function mongoFind(plan: QueryPlan): MongoFind | null {
  if (plan.tests.some(({ values, ranges }) => values?.length === 0 || ranges.length > 1)) return null;
  const tests = plan.tests.map((test): [string, Operators] => [pathOf(test.field), operators(test)]);
  const after = plan.after === null ? {} : { $or: placesAfter(plan, plan.after) };
  const direction = plan.direction === 'asc' ? 1 : -1;
  return {
    // Those that were removed have a time of removal.
    filter: { ...Object.fromEntries(tests), removedAt: { $exists: false }, ...after },
    sort: plan.sort.map((field) => [pathOf(field), direction]),
    limit: plan.limit,
  };
}

/** Where a field of the read model stands in what is stored. */
export function pathOf(field: FieldPath): string {
  return field === KEY_FIELD ? '_id' : `document.${field}`;
}

function operators({ values, ranges: [range] }: FieldTest): Operators {
  return {
    ...(values === null ? {} : values.length === 1 ? { $eq: values[0] } : { $in: values }),
    ...(range?.lower ? { [range.lower.inclusive ? '$gte' : '$gt']: range.lower.value } : {}),
    ...(range?.upper ? { [range.upper.inclusive ? '$lte' : '$lt']: range.upper.value } : {}),
  };
}

/** Each says: equal up to one field of the sort, and past the cursor in that one. */
function placesAfter({ sort, direction }: QueryPlan, after: readonly Scalar[]): Conditions[] {
  return sort.flatMap((field, place) => {
    const equal = sort.slice(0, place).map((before, index): [string, Operators] => [pathOf(before), { $eq: after[index] ?? null }]);
    const past = field === KEY_FIELD ? [sameTypePast(after[place] ?? null, direction)] : valuesPast(after[place] ?? null, direction);
    return past.filter((found) => found !== null).map((found) => ({ ...Object.fromEntries(equal), [pathOf(field)]: found }));
  });
}

/** In MongoDB's order of types; each of its comparisons stays within one type. */
const WHOLE_TYPES: readonly Operators[] = [{ $eq: null }, { $gte: -Infinity }, { $gte: '' }, { $in: [false, true] }];

function valuesPast(value: Scalar, direction: 'asc' | 'desc'): readonly (Operators | null)[] {
  const type = value === null ? 0 : typeof value === 'number' ? 1 : typeof value === 'string' ? 2 : 3;
  return [sameTypePast(value, direction), ...(direction === 'asc' ? WHOLE_TYPES.slice(type + 1) : WHOLE_TYPES.slice(0, type))];
}

function sameTypePast(value: Scalar, direction: 'asc' | 'desc'): Operators | null {
  if (value === null) return null;
  if (typeof value === 'boolean') return value === (direction === 'desc') ? { $eq: !value } : null;
  return direction === 'asc' ? { $gt: value } : { $lt: value };
}
