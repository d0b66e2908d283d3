/** Values larger than this many bytes are put here, and events carry the reference. */
export const INLINE_LIMIT_BYTES = 64 * 1024;

/** Content address: lower-case hex SHA-256 of the bytes. */
export type BlobHash = string;

/**
 * Immutable values by content, apart per tenant.
 *
 * Guarantees: durable before `put` answers; what `get` gives has the hash that was asked for, or it throws DATA_DAMAGED. Putting the same bytes twice stores them once.
 */
export interface Blobs {
  put(tenant: string, bytes: Uint8Array): Promise<BlobHash>;
  /** @throws TuttiError BLOB_NOT_FOUND, DATA_DAMAGED, or INVALID_REQUEST for what is no hash */
  get(tenant: string, hash: BlobHash): Promise<Uint8Array>;
  /** Size in bytes, or null when it is not there. */
  size(tenant: string, hash: BlobHash): Promise<number | null>;
  /**
   * Removes what is not in `live` and was last put before `graceMs` ago, so that a value put just now, whose event is still on its way, stays.
   * A put that races with the sweep keeps the value. Resolves to the number removed.
   */
  sweep(tenant: string, live: ReadonlySet<BlobHash>, graceMs: number): Promise<number>;
}
