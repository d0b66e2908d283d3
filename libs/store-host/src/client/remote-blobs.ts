import type { BlobHash, Blobs } from '@tutti/blobs';
import { ASKED_AGAIN, type HostLink } from './host-link.js';
import { patiently } from './patience.js';

/** Pieces of 256 KiB on their way at once. */
const WINDOW = 8;

/** The blobs of another process. A put is sent again after a break: the same bytes are stored once. A get is asked for again. */
export class RemoteBlobs implements Blobs {
  constructor(private readonly link: HostLink) {}

  put(tenant: string, bytes: Uint8Array): Promise<BlobHash> {
    // A copy, for the caller may change its own before all of it has left.
    return this.link.call('blobs.put', [tenant], { body: Buffer.from(bytes), repeatable: true });
  }

  get(tenant: string, hash: BlobHash): Promise<Uint8Array> {
    return patiently(this.link, () => this.#get(tenant, hash));
  }

  size(tenant: string, hash: BlobHash): Promise<number | null> {
    return this.link.call('blobs.size', [tenant, hash], ASKED_AGAIN);
  }

  sweep(tenant: string, live: ReadonlySet<BlobHash>, graceMs: number): Promise<number> {
    return this.link.call('blobs.sweep', [tenant, [...live], graceMs]);
  }

  async #get(tenant: string, hash: BlobHash): Promise<Uint8Array> {
    const stream = this.link.read('blobs.get', [tenant, hash], WINDOW);
    let all: Buffer | null = null;
    let filled = 0;
    try {
      for (;;) {
        const next = await stream.next();
        if ('kind' in next) {
          if (next.kind !== 'complete') throw next.error;
          return all ?? Buffer.alloc(0);
        }
        all ??= Buffer.allocUnsafeSlow(next.value as number);
        all.set(next.attachment, filled);
        filled += next.attachment.length;
      }
    } finally {
      stream.cancel();
    }
  }
}
