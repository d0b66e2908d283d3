import type { JsonObject } from '@tutti/kernel';
import { checkWrites, indexedFields } from '../definition.js';
import { cursorOf } from '../query/cursor.js';
import { planQuery } from '../query/query-plan.js';
import type { FieldPath, FoundDocument, ReadModel, ReadModelDefinition, StoredDocument } from '../read-models.port.js';
import type { Collection } from './collection.js';
import { selectSql } from './select-sql.js';

interface EmbeddedReadModelParts {
  readonly definition: ReadModelDefinition;
  readonly collection: Collection;
  readonly columns: ReadonlyMap<FieldPath, string>;
  /** Runs an action unless the database is closed, translating its errors. */
  readonly use: <Result>(action: () => Result) => Result;
}

/** Documents are typed by whoever opened the collection; the store does not check their shape. */
export function createEmbeddedReadModel<Doc extends JsonObject>({
  definition,
  collection,
  columns,
  use,
}: EmbeddedReadModelParts): ReadModel<Doc> {
  const fields = indexedFields(definition);
  return {
    get: async (key) => use(() => collection.get(key) as StoredDocument<Doc> | null),
    getMany: async (keys) => use(() => collection.getMany(keys) as readonly StoredDocument<Doc>[]),
    async find(query) {
      const plan = planQuery(definition, query);
      const { sql, values } = selectSql(plan, collection.table, columns);
      const found = use(() => collection.select(sql, values) as readonly StoredDocument<Doc>[]);
      return found.map((stored): FoundDocument<Doc> => ({ ...stored, cursor: cursorOf(plan, stored.key, stored.document) }));
    },
    async write(writes, checkpoint) {
      checkWrites(definition, fields, writes, checkpoint);
      use(() => collection.write(writes, checkpoint));
    },
    checkpoint: async () => use(() => collection.checkpoint()),
  };
}
