import { TuttiError, type JsonObject } from '@tutti/kernel';
import { checkDefinition, checkWrites, indexedFields, KEY_FIELD, refuse, scalarAt } from '../definition.js';
import { cursorOf, sortValues } from '../query/cursor.js';
import { passes, type FieldTest } from '../query/field-test.js';
import { planQuery, type QueryPlan } from '../query/query-plan.js';
import { compareScalars } from '../query/scalar-order.js';
import type {
  DocumentWrite,
  FoundDocument,
  Query,
  ReadModel,
  ReadModelDefinition,
  ReadModels,
  Scalar,
  StoredDocument,
} from '../read-models.port.js';

export interface Row {
  readonly position: number;
  /** Null remembers a removal. */
  readonly document: JsonObject | null;
}

export interface VersionState {
  readonly name: string;
  readonly version: number;
  readonly rows: Map<string, Row>;
  checkpoint: number;
  retired: boolean;
}

export interface StorageState {
  readonly versions: Map<string, VersionState>;
  readonly live: Map<string, number>;
}

/** Each guarantee of the port in one place, so that a faulty adapter is the right one with one rule changed. */
export interface StorageRules {
  readonly versionKey: (name: string, version: number) => string;
  readonly plan: (definition: ReadModelDefinition, query: Query) => QueryPlan;
  readonly passes: (test: FieldTest, value: Scalar | undefined) => boolean;
  readonly compare: (left: Scalar, right: Scalar) => number;
  readonly isAfter: (place: readonly Scalar[], plan: QueryPlan, compare: StorageRules['compare']) => boolean;
  readonly cursor: (plan: QueryPlan, stored: StoredDocument, place: number, query: Query) => string;
  readonly page: (sorted: readonly StoredDocument[], plan: QueryPlan, query: Query) => readonly StoredDocument[];
  readonly accepts: (row: Row | undefined, write: DocumentWrite) => boolean;
  readonly check: typeof checkWrites;
  readonly commit: (
    state: VersionState,
    writes: readonly DocumentWrite[],
    checkpoint: number,
    rules: StorageRules,
    crashed: () => boolean,
  ) => Promise<void> | void;
  readonly promote: (state: StorageState, name: string, version: number) => Promise<void> | void;
  readonly afterCrash: (state: StorageState) => void;
  readonly copy: (document: JsonObject) => JsonObject;
  readonly onRetired: (state: VersionState) => void;
}

export interface InMemoryStorage {
  /** What the connections before this one have in flight stops. */
  connect(): ReadModels;
}

export const SOUND_RULES: StorageRules = {
  versionKey: (name, version) => `${name} ${version}`,
  plan: planQuery,
  passes: (test, value) => value !== undefined && passes(test, value),
  compare: compareScalars,
  isAfter(place, { after, direction }, compare) {
    if (after === null) return true;
    const order = comparePlaces(place, after, compare);
    return direction === 'asc' ? order > 0 : order < 0;
  },
  cursor: (plan, { key, document }) => cursorOf(plan, key, document),
  page: (sorted, plan) => sorted.slice(0, plan.limit),
  accepts: (row, write) => row === undefined || write.position > row.position,
  check: checkWrites,
  commit(state, writes, checkpoint, rules) {
    const before = state.checkpoint;
    if (checkpoint < before) return;
    writeRows(state, writes, rules);
    state.checkpoint = checkpoint;
    if (checkpoint > before) forgetRemovals(state, before);
  },
  promote(state, name, version) {
    state.live.set(name, version);
    retireOthers(state, name, version);
  },
  afterCrash: () => undefined,
  copy: (document) => JSON.parse(JSON.stringify(document)) as JsonObject,
  onRetired({ name, version }) {
    throw new TuttiError('STORE_UNAVAILABLE', `another version of read model ${name} than ${version} was promoted; open the live one`);
  },
};

export function createInMemoryStorage(rules: StorageRules): InMemoryStorage {
  const state: StorageState = { versions: new Map(), live: new Map() };
  let connections = 0;
  return {
    connect() {
      if (connections > 0) rules.afterCrash(state);
      const connection = ++connections;
      return connect(state, rules, () => connection !== connections);
    },
  };
}

export function writeRows(state: VersionState, writes: readonly DocumentWrite[], rules: StorageRules): void {
  for (const write of writes) {
    if (!rules.accepts(state.rows.get(write.key), write)) continue;
    state.rows.set(write.key, { position: write.position, document: write.document === null ? null : rules.copy(write.document) });
  }
}

export function retireOthers(state: StorageState, name: string, version: number): void {
  for (const [key, other] of state.versions) {
    if (other.name !== name || other.version === version) continue;
    other.retired = true;
    other.rows.clear();
    state.versions.delete(key);
  }
}

function forgetRemovals(state: VersionState, upTo: number): void {
  for (const [key, row] of state.rows) if (row.document === null && row.position <= upTo) state.rows.delete(key);
}

function comparePlaces(left: readonly Scalar[], right: readonly Scalar[], compare: StorageRules['compare']): number {
  for (const [index, value] of left.entries()) {
    const order = compare(value, right[index] ?? null);
    if (order !== 0) return order;
  }
  return 0;
}

function connect(state: StorageState, rules: StorageRules, crashed: () => boolean): ReadModels {
  return {
    async open<Doc extends JsonObject>(definition: ReadModelDefinition): Promise<ReadModel<Doc>> {
      checkDefinition(definition);
      const { name, version } = definition;
      const key = rules.versionKey(name, version);
      const opened: VersionState = state.versions.get(key) ?? { name, version, rows: new Map(), checkpoint: -1, retired: false };
      state.versions.set(key, opened);
      return openVersion<Doc>(definition, opened, rules, crashed);
    },
    async liveVersion(name) {
      return state.live.get(name) ?? null;
    },
    async promote(name, version) {
      if (!state.versions.has(rules.versionKey(name, version))) refuse(`promote ${name} v${version}: expected a version that was opened`);
      await rules.promote(state, name, version);
    },
  };
}

function openVersion<Doc extends JsonObject>(
  definition: ReadModelDefinition,
  state: VersionState,
  rules: StorageRules,
  crashed: () => boolean,
): ReadModel<Doc> {
  const fields = indexedFields(definition);
  const requireLive = () => {
    if (state.retired) rules.onRetired(state);
  };
  const stored = (key: string): StoredDocument<Doc> | null => {
    requireLive();
    const row = state.rows.get(key);
    return row === undefined || row.document === null ? null : { key, position: row.position, document: rules.copy(row.document) as Doc };
  };
  return {
    get: async (key) => stored(key),
    getMany: async (keys) => [...new Set(keys)].map(stored).filter((found) => found !== null),
    async find(query) {
      const plan = rules.plan(definition, query);
      requireLive();
      const found = [...state.rows.keys()]
        .map(stored)
        .filter((entry) => entry !== null && meets(entry, plan, rules)) as StoredDocument<Doc>[];
      const place = (entry: StoredDocument) => sortValues(plan.sort, entry.key, entry.document);
      const sign = plan.direction === 'asc' ? 1 : -1;
      const sorted = found
        .sort((left, right) => sign * comparePlaces(place(left), place(right), rules.compare))
        .filter((entry) => rules.isAfter(place(entry), plan, rules.compare));
      const page = rules.page(sorted, plan, query) as readonly StoredDocument<Doc>[];
      return page.map((entry, index): FoundDocument<Doc> => ({ ...entry, cursor: rules.cursor(plan, entry, index, query) }));
    },
    async write(writes, checkpoint) {
      rules.check(definition, fields, writes, checkpoint);
      requireLive();
      await rules.commit(state, writes, checkpoint, rules, crashed);
    },
    async checkpoint() {
      requireLive();
      return state.checkpoint;
    },
  };
}

function meets(entry: StoredDocument, plan: QueryPlan, rules: StorageRules): boolean {
  return plan.tests.every((test) => rules.passes(test, test.field === KEY_FIELD ? entry.key : scalarAt(entry.document, test.field)));
}
