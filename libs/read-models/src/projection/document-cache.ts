import type { JsonObject } from '@tutti/kernel';
import type { ReadModel } from '../read-models.port.js';
import type { FoldedDocument } from './projection-fold.js';

const LOAD_CHUNK = 1_000;

/**
 * The documents used last, as folded, so that a hot one is not read and parsed again for each batch. Right only as long as nobody else writes the read model and
 * every change made to them is written: after a failure, {@link clear} it.
 */
export class DocumentCache<Doc extends JsonObject> {
  private readonly hot = new Map<string, FoldedDocument<Doc>>();

  constructor(
    private readonly model: ReadModel<Doc>,
    private readonly limit: number,
  ) {}

  /** An entry for every key, whether or not there is a document. */
  async load(keys: ReadonlySet<string>): Promise<Map<string, FoldedDocument<Doc>>> {
    const loaded = new Map<string, FoldedDocument<Doc>>();
    const cold: string[] = [];
    for (const key of keys) {
      const folded = this.hot.get(key);
      if (folded === undefined) cold.push(key);
      loaded.set(key, folded ?? { document: null, position: -1, stored: false });
    }
    for (let start = 0; start < cold.length; start += LOAD_CHUNK) {
      const found = await this.model.getMany(cold.slice(start, start + LOAD_CHUNK));
      for (const { key, document, position } of found) loaded.set(key, { document, position, stored: true });
    }
    return loaded;
  }

  /** Makes these the ones used last, and lets go of those over the limit. */
  keep(documents: ReadonlyMap<string, FoldedDocument<Doc>>): void {
    for (const [key, folded] of documents) {
      this.hot.delete(key);
      this.hot.set(key, folded);
    }
    for (const key of this.hot.keys()) {
      if (this.hot.size <= this.limit) break;
      this.hot.delete(key);
    }
  }

  clear(): void {
    this.hot.clear();
  }
}
