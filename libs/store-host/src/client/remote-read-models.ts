import type { JsonObject } from '@tutti/kernel';
import type { DocumentWrite, FoundDocument, Query, ReadModel, ReadModelDefinition, ReadModels, StoredDocument } from '@tutti/read-models';
import { ASKED_AGAIN, type HostLink } from './host-link.js';
import { checkQuery, checkWrites } from './json-only.js';
import { patiently } from './patience.js';
import { collectOnce } from './read-list.js';

/** The read models of another process. What was under way when the connection broke is asked for again on the next. */
export class RemoteReadModels implements ReadModels {
  constructor(private readonly link: HostLink) {}

  async open<Doc extends JsonObject>(definition: ReadModelDefinition): Promise<ReadModel<Doc>> {
    return patiently(this.link, async () => {
      const { epoch } = this.link;
      const handle = await this.link.call<number>('models.open', [definition]);
      return new RemoteReadModel<Doc>(this.link, definition, { epoch, handle: Promise.resolve(handle) });
    });
  }

  liveVersion(name: string): Promise<number | null> {
    return this.link.call('models.liveVersion', [name], ASKED_AGAIN);
  }

  async promote(name: string, version: number): Promise<void> {
    await this.link.call('models.promote', [name, version], ASKED_AGAIN);
  }
}

interface Opened {
  /** The connection on which the number means this model. */
  readonly epoch: number;
  readonly handle: Promise<number>;
}

/** Opened again on each new connection, unless it was dropped meanwhile. */
class RemoteReadModel<Doc extends JsonObject> implements ReadModel<Doc> {
  readonly #fields: readonly string[];
  #opened: Opened;

  constructor(
    private readonly link: HostLink,
    private readonly definition: ReadModelDefinition,
    opened: Opened,
  ) {
    this.#opened = opened;
    this.#fields = [...new Set(definition.indexes.flat())];
  }

  async get(key: string): Promise<StoredDocument<Doc> | null> {
    return this.#ask((handle) => this.link.call('model.get', [handle, key]));
  }

  async getMany(keys: readonly string[]): Promise<readonly StoredDocument<Doc>[]> {
    return this.#ask((handle) => collectOnce(this.link, 'model.getMany', [handle, keys]));
  }

  async find(query: Query): Promise<readonly FoundDocument<Doc>[]> {
    checkQuery(query);
    return this.#ask((handle) => collectOnce(this.link, 'model.find', [handle, query]));
  }

  async write(writes: readonly DocumentWrite<Doc>[], checkpoint: number): Promise<void> {
    checkWrites(this.#fields, writes);
    // A step that is repeated changes nothing.
    await this.#ask((handle) => this.link.call('model.write', [handle, writes, checkpoint]));
  }

  async checkpoint(): Promise<number> {
    return this.#ask((handle) => this.link.call('model.checkpoint', [handle]));
  }

  #ask<Answer>(call: (handle: number) => Promise<Answer>): Promise<Answer> {
    return patiently(this.link, async () => call(await this.#handle()));
  }

  #handle(): Promise<number> {
    const { epoch } = this.link;
    if (this.#opened.epoch !== epoch) {
      const handle = this.link.call<number>('models.reopen', [this.definition]);
      const opened = { epoch, handle };
      this.#opened = opened;
      // What failed is asked for again by the next call.
      handle.catch(() => {
        if (this.#opened === opened) this.#opened = { epoch: -1, handle };
      });
    }
    return this.#opened.handle;
  }
}
