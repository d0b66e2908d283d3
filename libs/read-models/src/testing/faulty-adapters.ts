import { isJsonObject, type JsonObject } from '@tutti/kernel';
import { checkWrites } from '../definition.js';
import { cursorOf } from '../query/cursor.js';
import { passes } from '../query/field-test.js';
import { planQuery } from '../query/query-plan.js';
import type { FieldPath, Filter, Query, ReadModelDefinition, Scalar } from '../read-models.port.js';
import { retireOthers, SOUND_RULES, writeRows, type StorageRules } from '../in-memory/in-memory-storage.js';

/** The sound adapter with one guarantee broken, and a case of the contract that must notice. */
export interface FaultyAdapter {
  readonly fault: string;
  readonly noticedBy: string;
  readonly rules: StorageRules;
}

const faulty = (fault: string, noticedBy: string, broken: Partial<StorageRules>): FaultyAdapter => ({
  fault,
  noticedBy,
  rules: { ...SOUND_RULES, ...broken },
});

export const FAULTY_ADAPTERS: readonly FaultyAdapter[] = [
  faulty(
    'overwrites newer documents with older ones',
    'keeps the newer document when an older write, or one of the same position, comes after it',
    {
      accepts: () => true,
    },
  ),
  faulty(
    'overwrites a document with one of the same position',
    'keeps the newer document when an older write, or one of the same position, comes after it',
    {
      accepts: (row, write) => row === undefined || write.position >= row.position,
    },
  ),
  faulty(
    'forgets a removal at once, so an old write resurrects the document',
    'does not bring a removed document back when older writes are repeated, also after a crash',
    {
      accepts: (row, write) => row === undefined || row.document === null || write.position > row.position,
    },
  ),
  faulty('removes whatever the position', 'ignores the removal of a document that is newer', {
    accepts: (row, write) => write.document === null || SOUND_RULES.accepts(row, write),
  }),
  faulty('gives out the objects it stores', 'shares no object with its callers, so changing one in place changes nothing stored', {
    copy: (document) => document,
  }),
  faulty(
    'stores the checkpoint ahead of the documents',
    'never shows a checkpoint that is ahead of its documents while a step is being written',
    {
      async commit(state, writes, checkpoint, rules) {
        if (checkpoint < state.checkpoint) return;
        state.checkpoint = checkpoint;
        await turns();
        writeRows(state, writes, rules);
      },
    },
  ),
  faulty(
    'loses the documents of a step whose checkpoint it has stored, when it crashes between',
    'holds after a crash either the whole step that was being written or nothing of it',
    {
      async commit(state, writes, checkpoint, rules, crashed) {
        if (checkpoint < state.checkpoint) return;
        state.checkpoint = checkpoint;
        await turns();
        if (!crashed()) writeRows(state, writes, rules);
      },
    },
  ),
  faulty('writes documents one by one', 'holds after a crash either the whole step that was being written or nothing of it', {
    async commit(state, writes, checkpoint, rules, crashed) {
      if (checkpoint < state.checkpoint) return;
      for (const write of writes) {
        writeRows(state, [write], rules);
        await turns();
        if (crashed()) return;
      }
      state.checkpoint = checkpoint;
    },
  }),
  faulty('answers before the step is durable', 'holds after a crash what was answered before it', {
    afterCrash(state) {
      for (const version of state.versions.values()) version.rows.clear();
    },
  }),
  faulty('moves the checkpoint back', 'never moves the checkpoint back', {
    commit(state, writes, checkpoint, rules) {
      if (checkpoint >= state.checkpoint) writeRows(state, writes, rules);
      state.checkpoint = checkpoint;
    },
  }),
  faulty('applies steps from behind the checkpoint', 'changes nothing by a step that is behind the checkpoint', {
    commit(state, writes, checkpoint, rules) {
      writeRows(state, writes, rules);
      state.checkpoint = Math.max(state.checkpoint, checkpoint);
    },
  }),
  faulty('writes what comes before a refused document', 'writes nothing of a step in which one document is refused', {
    check: () => undefined,
    commit(state, writes, checkpoint, rules) {
      for (const write of writes) {
        checkWrites({ name: state.name, version: state.version, indexes: [] }, ['value', 'status', 'owner.name'], [write], checkpoint);
        writeRows(state, [write], rules);
      }
      state.checkpoint = Math.max(state.checkpoint, checkpoint);
    },
  }),
  faulty('takes arrays in indexed fields', 'refuses a write with an array in an indexed field', { check: () => undefined }),
  faulty('ignores an unknown operator beside a known one', 'refuses a find with an unknown operator beside a known one', {
    plan: (definition, query) => planQuery(definition, withFilter(query, onlyKnownOperators)),
  }),
  faulty('ignores conditions on fields that no index has', 'refuses a find with a field that no index has', {
    plan: (definition, query) =>
      planQuery(
        definition,
        withFilter(query, (filter) => onlyFields(filter, definition.indexes.flat())),
      ),
  }),
  faulty('scans where no index carries the query', 'refuses a find with a later field without the first', {
    plan: (definition, query) => planQuery(withEveryIndex(definition), query),
  }),
  faulty('tests only the first operator of a field', 'matches as MongoDB does: a range of two ends', {
    passes: (test, value) =>
      value !== undefined &&
      passes(
        { ...test, ranges: test.ranges.slice(0, 1).map((range) => (range.lower === null ? range : { ...range, upper: null })) },
        value,
      ),
  }),
  faulty('compares ranges across types', 'matches as MongoDB does: $lt of a number matches numbers only', {
    passes: (test, value) =>
      value !== undefined && (passes(test, value) || (value === null && test.ranges.some((range) => range.lower === null))),
  }),
  faulty('tells missing from null', 'matches as MongoDB does: null matches null and missing', {
    // What is missing comes as null here as well, so every null is taken for missing.
    passes: (test, value) => value !== undefined && value !== null && passes(test, value),
  }),
  faulty('takes true for 1', 'matches as MongoDB does: true matches neither 1 nor text', {
    passes: (test, value) => value !== undefined && passes({ ...test, values: test.values?.map(asNumber) ?? null }, asNumber(value)),
  }),
  faulty('takes "5" for 5', 'matches as MongoDB does: a text matches no number', {
    passes: (test, value) =>
      value !== undefined && passes({ ...test, values: test.values?.map(String) ?? null }, test.values === null ? value : String(value)),
  }),
  faulty('sorts by 16-bit units', 'gives all documents in the order of their keys by code point when no sort is asked for', {
    compare: (left, right) =>
      typeof left === 'string' && typeof right === 'string'
        ? Number(left > right) - Number(left < right)
        : SOUND_RULES.compare(left, right),
  }),
  faulty('sorts numbers as text', 'sorts null and missing before numbers, text and booleans, and equal values by key', {
    compare: (left, right) =>
      SOUND_RULES.compare(typeof left === 'number' ? String(left) : left, typeof right === 'number' ? String(right) : right),
  }),
  faulty(
    'skips documents with the same sort value as the cursor',
    'neither skips nor repeats over equal sort values while documents are inserted before and after the cursor',
    {
      isAfter: (place, plan, compare) =>
        SOUND_RULES.isAfter(place, plan, compare) &&
        (plan.after === null || place.length < 2 || compare(place[0] ?? null, plan.after[0] ?? null) !== 0),
    },
  ),
  faulty(
    'gives documents with the same sort value as the cursor again',
    'neither skips nor repeats over equal sort values while documents are inserted before and after the cursor',
    {
      isAfter: (place, plan, compare) =>
        place.length > 1 &&
        plan.after !== null &&
        compare(place[0] ?? null, plan.after[0] ?? null) === 0 &&
        place.at(-1) !== plan.after.at(-1)
          ? true
          : SOUND_RULES.isAfter(place, plan, compare),
    },
  ),
  faulty('pages by offset', 'neither skips nor repeats over equal sort values while documents are inserted before and after the cursor', {
    plan: (definition, { after: _offset, ...query }) => planQuery(definition, query),
    page: (sorted, plan, query) => sorted.slice(offset(query), offset(query) + plan.limit),
    cursor: (_plan, _stored, place, query) => String(offset(query) + place + 1),
  }),
  faulty('starts again at a cursor it cannot read', 'refuses a find with a cursor of noise', {
    plan: (definition, query) => ignoringBadCursor(definition, query),
  }),
  faulty('takes a cursor of another sort', 'refuses a cursor that was made for another sort', {
    cursor: ({ direction: _direction, ...plan }, { key, document }) =>
      cursorOf({ ...plan, sort: ['_id'], direction: 'asc' }, key, document),
    plan: (definition, { after, ...query }) => ({
      ...planQuery(definition, query),
      after: after === undefined ? null : planQuery(definition, { after }).after,
    }),
    isAfter: (place, plan, compare) => plan.after === null || compare(place.at(-1) ?? null, plan.after.at(-1) ?? null) > 0,
  }),
  faulty('ignores the limit', 'gives 100 documents when no limit is asked for, and up to 1,000', { page: (sorted) => sorted }),
  faulty('keeps all versions in one place', 'keeps versions and names beside each other, each with its own documents and checkpoint', {
    versionKey: (name) => name,
  }),
  faulty(
    'drops the old version before the new one is live',
    'switches in one moment: a reader meanwhile has the old version whole or the new one whole',
    {
      async promote(state, name, version) {
        retireOthers(state, name, version);
        state.live.delete(name);
        await turns();
        state.live.set(name, version);
      },
    },
  ),
  faulty(
    'empties the old version while it is still live',
    'switches in one moment: a reader meanwhile has the old version whole or the new one whole',
    {
      onRetired: () => undefined,
      async promote(state, name, version) {
        retireOthers(state, name, version);
        await turns();
        state.live.set(name, version);
      },
    },
  ),
  faulty('leaves the old version behind', 'drops the other versions of the name, and nothing else, on promotion', {
    promote: (state, name, version) => void state.live.set(name, version),
  }),
  faulty('drops other names too', 'drops the other versions of the name, and nothing else, on promotion', {
    promote(state, name, version) {
      state.live.set(name, version);
      for (const other of [...state.versions.values()]) retireOthers(state, other.name, version);
    },
  }),
  faulty('shows a dropped version as empty', 'throws, rather than showing nothing, to whoever still uses a version that was dropped', {
    onRetired: () => undefined,
  }),
  faulty(
    'forgets after a crash which version is live',
    'has no live version before the first promotion, and then the promoted one, also after a crash',
    {
      afterCrash: (state) => state.live.clear(),
    },
  ),
];

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

function asNumber(value: Scalar): Scalar {
  return typeof value === 'boolean' ? Number(value) : value;
}

function withFilter(query: Query, change: (filter: Filter) => Filter): Query {
  return isJsonObject(query.filter) ? { ...query, filter: change(query.filter) } : query;
}

function onlyKnownOperators(filter: Filter): Filter {
  const known = ['$eq', '$in', '$gt', '$gte', '$lt', '$lte'];
  const pick = (condition: unknown) => (isJsonObject(condition) ? pickEntries(condition, known) : condition);
  return Object.fromEntries(Object.entries(filter).map(([field, condition]) => [field, pick(condition)])) as Filter;
}

function onlyFields(filter: Filter, fields: readonly FieldPath[]): Filter {
  return pickEntries(filter, [...fields, '_id']) as Filter;
}

function pickEntries(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => names.includes(name)));
}

function withEveryIndex(definition: ReadModelDefinition): ReadModelDefinition {
  return { ...definition, indexes: [...definition.indexes, ...definition.indexes.flat().map((field) => [field])] };
}

function offset(query: Query): number {
  return Number(query.after ?? 0);
}

function ignoringBadCursor(definition: ReadModelDefinition, { after, ...query }: Query): ReturnType<StorageRules['plan']> {
  try {
    return planQuery(definition, { ...query, ...(after === undefined ? {} : { after }) });
  } catch {
    return planQuery(definition, query);
  }
}
