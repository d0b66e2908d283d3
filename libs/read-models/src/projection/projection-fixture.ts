import type { EventStore } from '@tutti/event-store';
import { DEFAULT_TENANT, type JsonObject, type NewEvent, type Runtime } from '@tutti/kernel';
import type { ReadModel, ReadModels } from '../read-models.port.js';
import type { Projection } from './projection.js';

export interface CartDocument extends JsonObject {
  readonly items: readonly string[];
  readonly count: number;
}

/** A cart per stream; changes its document in place, as real projections do. */
export const carts: Projection<CartDocument> = {
  name: 'carts',
  version: 1,
  indexes: [['count']],
  handles: { categories: ['cart'], types: ['ItemAdded', 'CartDropped', 'Poison'] },
  keys: (event) => [event.stream],
  evolve(document, event) {
    if (event.type === 'CartDropped') return null;
    if (event.type === 'Poison') {
      (document?.items as string[] | undefined)?.push('half done');
      throw new Error('no such item');
    }
    const draft = (document ?? { items: [], count: 0 }) as { items: string[]; count: number };
    const { item } = event.data as { readonly item: string };
    draft.items.push(item);
    draft.count += 1;
    return draft;
  },
};

export function cartEvent(runtime: Runtime, type: string, data: JsonObject = {}): NewEvent {
  const metadata = {
    correlationId: 'c',
    causationId: null,
    traceparent: null,
    actor: 'demo',
    tenant: DEFAULT_TENANT,
    subject: null,
    keyId: null,
  };
  return { id: runtime.ids.next(), type, schemaVersion: 1, data, metadata };
}

/** Appends one event to a stream and answers its position. */
export async function append(store: EventStore, runtime: Runtime, stream: string, type: string, item?: string): Promise<number> {
  const { position } = await store.append(stream, [cartEvent(runtime, type, item === undefined ? {} : { item })], 'any');
  return position;
}

export interface WatchedReadModels extends ReadModels {
  /** Every call that reached a model, in order. */
  readonly calls: readonly { readonly method: 'write' | 'getMany'; readonly keys: readonly string[]; readonly checkpoint: number | null }[];
  /** Thrown by the next writes, one each. */
  readonly failures: Error[];
}

/** Read models that say what was asked of them, and fail when told to. */
export function watchReadModels(readModels: ReadModels): WatchedReadModels {
  const calls: WatchedReadModels['calls'][number][] = [];
  const failures: Error[] = [];
  return {
    calls,
    failures,
    liveVersion: (name) => readModels.liveVersion(name),
    promote: (name, version) => readModels.promote(name, version),
    async open<Doc extends JsonObject>(definition: Parameters<ReadModels['open']>[0]): Promise<ReadModel<Doc>> {
      const model = await readModels.open<Doc>(definition);
      return {
        ...model,
        getMany: (keys) => {
          calls.push({ method: 'getMany', keys, checkpoint: null });
          return model.getMany(keys);
        },
        write: async (writes, checkpoint) => {
          const failure = failures.shift();
          if (failure !== undefined) throw failure;
          calls.push({ method: 'write', keys: writes.map(({ key }) => key), checkpoint });
          await model.write(writes, checkpoint);
        },
      };
    },
  };
}
