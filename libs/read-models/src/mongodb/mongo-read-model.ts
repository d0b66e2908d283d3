import type { JsonObject } from '@tutti/kernel';
import type { mongo } from 'mongoose';
import { checkWrites, indexedFields } from '../definition.js';
import { cursorOf } from '../query/cursor.js';
import { planQuery } from '../query/query-plan.js';
import type { DocumentWrite, FoundDocument, ReadModel, ReadModelDefinition, StoredDocument } from '../read-models.port.js';
import type { MongoConnection } from './connect-mongo.js';
import { mongoFind } from './find-filter.js';
import { HEAD_ID, type CollectionHead } from './head.js';
import type { StepWriter } from './step-writer.js';
import { checkHoldable, toStored, type MongoDocument } from './stored-document.js';

interface MongoReadModelParts {
  readonly definition: ReadModelDefinition;
  readonly head: CollectionHead;
  readonly documents: mongo.Collection<MongoDocument>;
  readonly writer: StepWriter;
  readonly gone: () => Promise<never>;
  readonly use: MongoConnection['use'];
}

const KEYS_AT_ONCE = 1_000;

/** Documents are typed by whoever opened the collection; the store does not check their shape. */
export function createMongoReadModel<Doc extends JsonObject>(parts: MongoReadModelParts): ReadModel<Doc> {
  const { definition, head, documents, writer, gone, use } = parts;
  const fields = indexedFields(definition);
  /** A dropped collection looks empty, so whoever finds less than was asked for makes sure that it is still there. */
  const requireThere = async () => {
    if ((await head.checkpoint()) === null) await gone();
  };
  const stored = (found: readonly MongoDocument[]) =>
    found.map(toStored).filter((document): document is StoredDocument<Doc> => document !== null);

  return {
    get: (key) =>
      use(async () => {
        const found = await documents.findOne({ _id: key });
        if (found !== null) return toStored(found) as StoredDocument<Doc> | null;
        await requireThere();
        return null;
      }),
    getMany: (keys) =>
      use(async () => {
        const distinct = [...new Set(keys)];
        const found: MongoDocument[] = [];
        for (let start = 0; start < distinct.length; start += KEYS_AT_ONCE) {
          const asked = distinct.slice(start, start + KEYS_AT_ONCE);
          // The head is asked for as well: it is found as long as the collection is there.
          const _id = { $in: [HEAD_ID, ...asked] } as mongo.Condition<string>;
          const part = await documents.find({ _id }, { batchSize: KEYS_AT_ONCE + 1, projection: { redo: 0 } }).toArray();
          found.push(...part);
          if (part.length <= asked.length && !part.some(isHead)) await gone();
        }
        if (distinct.length === 0) await requireThere();
        return stored(found);
      }),
    async find(query) {
      const plan = planQuery(definition, query);
      const asked = mongoFind(plan);
      const found = await use(async () => {
        const { filter, sort, limit } = asked ?? { filter: null, sort: [], limit: 0 };
        const page =
          filter === null ? [] : await documents.find(filter, { sort: [...sort] as [string, 1 | -1][], limit, batchSize: limit }).toArray();
        if (page.length < plan.limit) await requireThere();
        return stored(page);
      });
      return found.map((document): FoundDocument<Doc> => ({ ...document, cursor: cursorOf(plan, document.key, document.document) }));
    },
    async write(writes, checkpoint) {
      checkWrites(definition, fields, writes, checkpoint);
      const texts = writes.map(({ key, position, document }) => {
        const text = JSON.stringify({ key, position, document });
        if (document !== null) checkHoldable(key, document, text.length);
        return text;
      });
      // What is decided is what is stored, whatever the caller does with its documents meanwhile.
      const json = `[${texts.join(',')}]`;
      await use(() => writer.write(JSON.parse(json) as readonly DocumentWrite[], json, checkpoint));
    },
    checkpoint: () => use(async () => (await head.checkpoint()) ?? gone()),
  };
}

const isHead = ({ _id }: { readonly _id: unknown }): boolean => _id === HEAD_ID;
