import { TuttiError, type JsonObject, type Runtime } from '@tutti/kernel';
import type { mongo } from 'mongoose';
import { checkDefinition } from '../definition.js';
import type { ReadModel, ReadModelDefinition, ReadModels } from '../read-models.port.js';
import { createCatalog, type VersionEntry } from './catalog.js';
import type { MongoConnection } from './connect-mongo.js';
import { CollectionHead, type HeadDocument } from './head.js';
import { ensureIndexes } from './indexes.js';
import { isNoCollection } from './mongo-errors.js';
import { createMongoReadModel } from './mongo-read-model.js';
import { StepWriter } from './step-writer.js';
import type { MongoDocument } from './stored-document.js';

export interface MongoReadModelsOptions {
  /** Shared; not closed here. */
  readonly mongo: MongoConnection;
  readonly runtime: Pick<Runtime, 'clock'>;
  /** Bytes of a step above which its record is split. Default 8 MiB. */
  readonly redoPartBytes?: number;
}

const MOST_TRIES = 20;

/**
 * Read models in MongoDB, on servers with and without transactions: one collection for each name and version, `rm_<name>_v<version>_<id>`, whose documents
 * are `{ _id: key, position, document }`, beside one that says how far it is; `read_models` says which version is live.
 *
 * Calls reject with STORE_UNAVAILABLE, retryable, while the server is away, and go on by themselves when it is back. A step whose answer is lost may have
 * happened; repeating it does no harm.
 */
export async function openMongoReadModels({ mongo, runtime, redoPartBytes }: MongoReadModelsOptions): Promise<ReadModels> {
  const collection = <Doc extends object>(name: string, { id, version }: VersionEntry): mongo.Collection<Doc> => {
    const { db } = mongo.connection;
    if (db === undefined) throw new TuttiError('SHUTTING_DOWN', `${mongo.where} is not connected`);
    return db.collection<Doc>(`rm_${name}_v${version}_${id}`);
  };
  const headOf = (name: string, entry: VersionEntry) =>
    new CollectionHead(mongo.connection, entry.id, collection<HeadDocument>(name, entry), redoPartBytes);
  const drop = async (name: string, entry: VersionEntry): Promise<void> => {
    await dropCollection(collection(name, entry));
    await headOf(name, entry).removeAllParts();
  };
  const catalog = createCatalog(mongo.connection, runtime, drop);

  const openEntry = async <Doc extends JsonObject>(
    definition: ReadModelDefinition,
    entry: VersionEntry,
  ): Promise<ReadModel<Doc> | null> => {
    const { name } = definition;
    const { id } = entry;
    const documents = collection<MongoDocument>(name, entry);
    const head = headOf(name, entry);
    await ensureIndexes(documents, definition);
    if ((await head.checkpoint()) === null) await head.create();
    if (!(await catalog.find(name)).versions.some((known) => known.id === id)) {
      // Promoting another version has dropped it meanwhile, and the steps above may have made it anew.
      await drop(name, entry);
      return null;
    }
    const gone = async (): Promise<never> => {
      await dropCollection(documents);
      throw new TuttiError(
        'STORE_UNAVAILABLE',
        `another version of read model ${name} than ${definition.version} was promoted; open the live one`,
      );
    };
    const writer = new StepWriter({ id, head, documents, runtime, gone });
    await writer.finish();
    return createMongoReadModel<Doc>({ definition, head, documents, writer, gone, use: mongo.use });
  };

  return {
    async open<Doc extends JsonObject>(definition: ReadModelDefinition): Promise<ReadModel<Doc>> {
      checkDefinition(definition);
      const { name, version } = definition;
      return mongo.use(async () => {
        await catalog.clear(name);
        for (let attempt = 0; attempt < MOST_TRIES; attempt++) {
          const model = await openEntry<Doc>(definition, await catalog.define(name, version));
          if (model !== null) return model;
        }
        throw new TuttiError(
          'OVERLOADED',
          `read model ${name} v${version} was dropped by promotions during each of ${MOST_TRIES} attempts to open it`,
        );
      });
    },
    liveVersion: (name) => mongo.use(async () => (await catalog.find(name)).live),
    promote: (name, version) =>
      mongo.use(async () => {
        await catalog.promote(name, version);
        await catalog.clear(name);
      }),
  };
}

async function dropCollection(documents: Pick<mongo.Collection, 'drop'>): Promise<void> {
  try {
    await documents.drop();
  } catch (error) {
    if (!isNoCollection(error)) throw error;
  }
}
