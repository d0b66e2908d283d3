import { TuttiError, type Runtime } from '@tutti/kernel';
import mongoose, { type Connection, type Model } from 'mongoose';
import { refuse } from '../definition.js';
import { isDuplicateKey } from './mongo-errors.js';

/** One collection of documents. Its id is never used again, so whoever still uses it after its end finds nothing instead of its successor. */
export interface VersionEntry {
  readonly id: string;
  readonly version: number;
}

/** All that is known of one name, in one document, so that one write switches. */
interface NameRecord {
  readonly _id: string;
  /** Counts changes: each is made only to the state that it was decided on. */
  readonly revision: number;
  readonly live: number | null;
  readonly versions: readonly VersionEntry[];
  /** Collections to drop. Kept for a while after: a writer that was stopped may make one anew. */
  readonly dropped: readonly (VersionEntry & { readonly atMs: number })[];
}

const NAMES = 'read_models';
const DROPPED_KEPT_MS = 600_000;
const MOST_TRIES = 50;

const versionEntry = { _id: false, id: { type: String, required: true }, version: { type: Number, required: true } } as const;
const nameSchema = new mongoose.Schema<NameRecord>(
  {
    _id: { type: String, required: true },
    revision: { type: Number, required: true },
    live: { type: Number, default: null },
    versions: [versionEntry],
    dropped: [{ ...versionEntry, atMs: { type: Number, required: true } }],
  },
  { collection: NAMES, versionKey: false, minimize: false },
);

/** Which collections there are for a name, and which of them is live. */
export interface Catalog {
  find(name: string): Promise<{ readonly live: number | null; readonly versions: readonly VersionEntry[] }>;
  /** The version's entry, made where it is missing. */
  define(name: string, version: number): Promise<VersionEntry>;
  /** Makes a version the live one and the only one, at once. @throws TuttiError INVALID_REQUEST for one that has no entry */
  promote(name: string, version: number): Promise<void>;
  /** Drops what is to be dropped, also what somebody else had begun to. */
  clear(name: string): Promise<void>;
}

export function createCatalog(
  connection: Connection,
  runtime: Pick<Runtime, 'clock'>,
  drop: (name: string, entry: VersionEntry) => Promise<void>,
): Catalog {
  const names = modelOf(connection);
  /** By the driver itself: it is read for each query, and mongoose would check and cast what needs neither. */
  const read = async (name: string): Promise<NameRecord> => {
    const { db } = connection;
    if (db === undefined)
      throw new TuttiError('SHUTTING_DOWN', `the connection that versions of read model ${name} are read by is not open`);
    const found = await db.collection<NameRecord>(NAMES).findOne({ _id: name });
    return found ?? { _id: name, revision: 0, live: null, versions: [], dropped: [] };
  };

  /** Whether nobody else changed the record meanwhile. */
  const replace = async (before: NameRecord, after: Omit<NameRecord, '_id' | 'revision'>): Promise<boolean> => {
    const record = { ...after, _id: before._id, revision: before.revision + 1 };
    if (before.revision > 0) return (await names.replaceOne({ _id: before._id, revision: before.revision }, record)).matchedCount === 1;
    try {
      await names.insertOne(record);
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  };
  /** Changes the record, however often somebody else does so at the same time. `decide` gives null to leave it. */
  const change = async (name: string, decide: (record: NameRecord) => Omit<NameRecord, '_id' | 'revision'> | null): Promise<NameRecord> => {
    for (let attempt = 0; attempt < MOST_TRIES; attempt++) {
      const before = await read(name);
      const after = decide(before);
      if (after === null) return before;
      if (await replace(before, after)) return { ...before, ...after };
    }
    throw new TuttiError('OVERLOADED', `the versions of read model ${name} were changed by others during each of ${MOST_TRIES} attempts`);
  };

  return {
    find: read,
    async define(name, version) {
      const id = new mongoose.mongo.ObjectId().toHexString();
      const { versions } = await change(name, (record) =>
        record.versions.some((entry) => entry.version === version) ? null : { ...record, versions: [...record.versions, { id, version }] },
      );
      return versions.find((entry) => entry.version === version) ?? { id, version };
    },
    async promote(name, version) {
      await change(name, (record) => {
        if (!record.versions.some((entry) => entry.version === version))
          refuse(`promote ${name} v${version}: expected a version that was opened`);
        const others = record.versions.filter((entry) => entry.version !== version);
        if (record.live === version && others.length === 0) return null;
        const atMs = runtime.clock.now();
        return {
          live: version,
          versions: record.versions.filter((entry) => entry.version === version),
          dropped: [...record.dropped, ...others.map((entry) => ({ ...entry, atMs }))],
        };
      });
    },
    async clear(name) {
      const { dropped } = await read(name);
      if (dropped.length === 0) return;
      for (const entry of dropped) await drop(name, entry);
      const before = runtime.clock.now() - DROPPED_KEPT_MS;
      if (dropped.every(({ atMs }) => atMs >= before)) return;
      await change(name, (record) => ({ ...record, dropped: record.dropped.filter(({ atMs }) => atMs >= before) }));
    },
  };
}

function modelOf(connection: Connection): Model<NameRecord> {
  return (connection.models['ReadModelName'] as Model<NameRecord> | undefined) ?? connection.model<NameRecord>('ReadModelName', nameSchema);
}
