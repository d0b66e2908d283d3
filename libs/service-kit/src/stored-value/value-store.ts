import { DEFAULT_TENANT, TuttiError, type JsonValue } from '@tutti/kernel';
import type { StoredValue } from '@tutti/contracts';

/** The two methods of the blobs port that values need. */
interface ValueBlobs {
  put(tenant: string, bytes: Uint8Array): Promise<string>;
  get(tenant: string, hash: string): Promise<Uint8Array>;
}

/** Turns JSON values into what events carry, and back. */
export interface ValueStore {
  /** Inline up to the limit; larger values are durable in the blobs before this resolves. */
  store(value: JsonValue): Promise<StoredValue>;
  /** The value when it is small enough to stand inline, else undefined: it must be stored. */
  inline(value: JsonValue): StoredValue | undefined;
  /** @throws TuttiError BLOB_NOT_FOUND or DATA_DAMAGED */
  load(value: StoredValue): Promise<JsonValue>;
  /** The value when it needs no I/O, else undefined. */
  peek(value: StoredValue): JsonValue | undefined;
}

interface ValueStoreOptions {
  readonly blobs: ValueBlobs;
  /** Longest JSON text kept in the event, in bytes. */
  readonly inlineLimitBytes: number;
  readonly tenant?: string;
  /** Longest value taken at all, in bytes. Default 64 MiB. */
  readonly maxBytes?: number;
  /** Total of recently loaded blobs kept in memory, in bytes. Default 32 MiB. */
  readonly cacheBytes?: number;
}

export function createValueStore(options: ValueStoreOptions): ValueStore {
  const tenant = options.tenant ?? DEFAULT_TENANT;
  const maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
  const cacheLimit = options.cacheBytes ?? 32 * 1024 * 1024;
  const cache = new Map<string, { readonly value: JsonValue; readonly bytes: number }>();
  let cached = 0;

  const remember = (hash: string, value: JsonValue, bytes: number): void => {
    if (bytes > cacheLimit || cache.has(hash)) return;
    cache.set(hash, { value, bytes });
    cached += bytes;
    for (const [oldest, entry] of cache) {
      if (cached <= cacheLimit) break;
      cache.delete(oldest);
      cached -= entry.bytes;
    }
  };

  // A JSON text of n code units has at least n bytes and at most 3n.
  const isSurelySmall = (text: string): boolean => text.length * 3 <= options.inlineLimitBytes;

  return {
    inline: (value) => (isSurelySmall(JSON.stringify(value)) ? { inline: value } : undefined),
    async store(value) {
      const text = JSON.stringify(value);
      if (isSurelySmall(text)) return { inline: value };
      const bytes = new TextEncoder().encode(text);
      if (bytes.length <= options.inlineLimitBytes) return { inline: value };
      if (bytes.length > maxBytes)
        throw new TuttiError('PAYLOAD_TOO_LARGE', `value of ${bytes.length} bytes; at most ${maxBytes} are taken`);
      const hash = await options.blobs.put(tenant, bytes);
      remember(hash, value, bytes.length);
      return { blob: hash, bytes: bytes.length };
    },
    async load(value) {
      if ('inline' in value) return value.inline;
      const hit = cache.get(value.blob);
      if (hit !== undefined) return hit.value;
      const bytes = await options.blobs.get(tenant, value.blob);
      const loaded = parseBlob(value.blob, bytes);
      remember(value.blob, loaded, bytes.length);
      return loaded;
    },
    peek: (value) => ('inline' in value ? value.inline : cache.get(value.blob)?.value),
  };
}

function parseBlob(hash: string, bytes: Uint8Array): JsonValue {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as JsonValue;
  } catch (cause) {
    throw new TuttiError('DATA_DAMAGED', `blob ${hash} of ${bytes.length} bytes is not the JSON text that a stored value is`, { cause });
  }
}
