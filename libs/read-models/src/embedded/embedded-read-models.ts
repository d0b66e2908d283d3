import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TuttiError, type Cancel, type JsonObject, type Runtime } from '@tutti/kernel';
import { checkDefinition, refuse } from '../definition.js';
import type { ReadModel, ReadModelDefinition, ReadModels } from '../read-models.port.js';
import { createCatalog, type Catalog } from './catalog.js';
import { createCollection, type Collection } from './collection.js';
import { createEmbeddedReadModel } from './embedded-read-model.js';
import { translateSqliteErrors } from './sqlite-errors.js';

export interface EmbeddedReadModelsOptions {
  /** The SQLite file; made, with its folder, where missing. One process at a time. Can be deleted while closed: it is rebuilt from the event store. */
  readonly file: string;
  readonly runtime: Pick<Runtime, 'timers'>;
  /** For reading beside another thread that writes, and has opened each collection before. Default false. */
  readonly readOnly?: boolean;
}

export interface EmbeddedReadModels extends ReadModels {
  /** Calls after it throw SHUTTING_DOWN. Closing twice does nothing. */
  close(): Promise<void>;
}

/** Pages of write-ahead log after which a write itself pays for moving them into the file; normally a timer has done it before. */
const CHECKPOINT_PAGES = 1_000;
const CHECKPOINT_DELAY_MS = 1_000;

/** A step changes pages all over the indexes: large ones make few writes of them, and a cache of 32 MiB holds those of a step. */
const WRITER_PRAGMAS = `
  PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
  PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY; PRAGMA busy_timeout = 5000`;
const READER_PRAGMAS = 'PRAGMA busy_timeout = 5000; PRAGMA query_only = 1; PRAGMA cache_size = -8192';

/**
 * Read models in one SQLite file. A step is one transaction; after a power failure the last steps may be gone (the log is not synced at each commit),
 * documents and checkpoint together, and the projection folds them again. Calls run on the calling thread.
 *
 * @throws TuttiError DATA_DAMAGED when the file is not a database, STORE_UNAVAILABLE when it cannot be opened.
 */
export async function openEmbeddedReadModels({ file, runtime, readOnly = false }: EmbeddedReadModelsOptions): Promise<EmbeddedReadModels> {
  const guarded = translateSqliteErrors(file);
  const { database, catalog } = guarded(() => openDatabase(file, readOnly));
  const collections = new Map<number, Collection>();
  let pendingCheckpoint: Cancel | null = null;
  let closed = false;

  const use = <Result>(action: () => Result): Result => {
    if (closed) throw new TuttiError('SHUTTING_DOWN', `the read models in ${file} are closed`);
    return guarded(action);
  };
  const transaction = <Result>(action: () => Result): Result => {
    const result = runTransaction(database, action);
    pendingCheckpoint ??= runtime.timers.after(CHECKPOINT_DELAY_MS, () => {
      pendingCheckpoint = null;
      moveLogIntoFile(database);
    });
    return result;
  };
  const dropOthers = (name: string, version: number) => {
    for (const { id } of catalog.versions(name).filter((entry) => entry.version !== version)) {
      collections.get(id)?.retire();
      collections.delete(id);
      catalog.drop(id);
    }
  };

  return {
    async open<Doc extends JsonObject>(definition: ReadModelDefinition): Promise<ReadModel<Doc>> {
      checkDefinition(definition);
      return use(() => {
        const id = readOnly ? catalog.find(definition) : transaction(() => catalog.define(definition));
        const collection = collections.get(id) ?? createCollection(database, transaction, id);
        collections.set(id, collection);
        const columns = catalog.columns(id);
        collection.setColumns(columns);
        return createEmbeddedReadModel<Doc>({ definition, collection, columns, use });
      });
    },
    async liveVersion(name) {
      return use(() => catalog.liveVersion(name));
    },
    async promote(name, version) {
      use(() =>
        transaction(() => {
          if (!catalog.versions(name).some((entry) => entry.version === version))
            refuse(`promote ${name} v${version}: expected a version that was opened`);
          catalog.setLive(name, version);
          dropOthers(name, version);
        }),
      );
    },
    async close() {
      if (closed) return;
      pendingCheckpoint?.();
      guarded(() => database.close());
      closed = true;
    },
  };
}

function openDatabase(file: string, readOnly: boolean): { readonly database: DatabaseSync; readonly catalog: Catalog } {
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file, { readOnly });
  try {
    database.exec(readOnly ? READER_PRAGMAS : WRITER_PRAGMAS);
    return { database, catalog: createCatalog(database, readOnly) };
  } catch (error) {
    database.close();
    throw error;
  }
}

function moveLogIntoFile(database: DatabaseSync): void {
  try {
    database.exec('PRAGMA wal_checkpoint(PASSIVE)');
  } catch {
    // The log stays as it is, nothing is lost, and it is tried again after the next write, which reports what is wrong with the disk.
  }
}

function runTransaction<Result>(database: DatabaseSync, action: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = action();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
