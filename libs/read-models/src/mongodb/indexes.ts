import { sha256Hex, TuttiError } from '@tutti/kernel';
import type { mongo } from 'mongoose';
import { indexedFields, refuse } from '../definition.js';
import type { FieldPath, ReadModelDefinition } from '../read-models.port.js';
import { pathOf } from './find-filter.js';
import { isNoCollection } from './mongo-errors.js';
import type { MongoDocument } from './stored-document.js';

const REMOVED: mongo.IndexDescription = { name: 'removedAt', key: { removedAt: 1 }, sparse: true };
const LONGEST_NAME = 100;

/**
 * Makes the declared indexes that are missing, each ending in the key, and looks that they are there.
 *
 * @throws TuttiError INVALID_REQUEST where documents hold a list or an object in a field that is to be indexed
 */
export async function ensureIndexes(documents: mongo.Collection<MongoDocument>, definition: ReadModelDefinition): Promise<void> {
  const declared = [...definition.indexes.map(describe), REMOVED];
  const known = await namesOf(documents);
  const missing = declared.filter(({ name }) => !known.has(String(name)));
  if (missing.length === 0) return;
  if (known.size > 0) await refuseCompounds(documents, definition);
  await documents.createIndexes([...missing]);
  const made = await namesOf(documents);
  const lost = missing.find(({ name }) => !made.has(String(name)));
  if (lost === undefined) return;
  const { name, version } = definition;
  throw new TuttiError('STORE_UNAVAILABLE', `index ${lost.name} of read model ${name} v${version} was asked for and is not there`, {
    retryable: true,
  });
}

function describe(fields: readonly FieldPath[]): mongo.IndexDescription {
  const name = fields.join(' ');
  return {
    name: name.length > LONGEST_NAME ? sha256Hex(name) : name,
    key: { ...Object.fromEntries(fields.map((field) => [pathOf(field), 1 as const])), _id: 1 },
  };
}

async function namesOf(documents: mongo.Collection<MongoDocument>): Promise<ReadonlySet<string>> {
  try {
    return new Set((await documents.listIndexes().toArray()).map(({ name }) => String(name)));
  } catch (error) {
    if (isNoCollection(error)) return new Set();
    throw error;
  }
}

/** A list in the way would make an index of its items, which no find expects. */
async function refuseCompounds(documents: mongo.Collection<MongoDocument>, definition: ReadModelDefinition): Promise<void> {
  for (const field of indexedFields(definition)) {
    const parts = field.split('.');
    const ways = parts.map((_, place) => ({
      [pathOf(parts.slice(0, place + 1).join('.'))]: { $type: place + 1 < parts.length ? 'array' : ['array', 'object'] },
    }));
    const found = await documents.findOne({ $or: ways } as mongo.Filter<MongoDocument>, { projection: { _id: 1 } });
    if (found === null) continue;
    refuse(
      `new indexed field ${field} of read model ${definition.name} v${definition.version}: document ${found._id} holds an array or object there; give the projection a new version`,
    );
  }
}
