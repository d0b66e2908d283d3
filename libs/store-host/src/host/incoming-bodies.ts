import { TuttiError } from '@tutti/kernel';
import type { StoreHostLimits } from '../limits.js';

/** Room for arguments that come in pieces, shared by all connections. */
export class BodyBudget {
  #used = 0;

  constructor(private readonly limits: Pick<StoreHostLimits, 'maxBodyBytes' | 'maxBodyBytesTotal'>) {}

  /** @throws TuttiError PAYLOAD_TOO_LARGE, OVERLOADED */
  take(bytes: number): void {
    const { maxBodyBytes, maxBodyBytesTotal } = this.limits;
    if (!Number.isSafeInteger(bytes) || bytes < 0 || bytes > maxBodyBytes) {
      throw new TuttiError('PAYLOAD_TOO_LARGE', `a value of ${bytes} bytes is sent to the store host; it takes at most ${maxBodyBytes}`, {
        details: { bytes, limit: maxBodyBytes },
      });
    }
    if (this.#used + bytes > maxBodyBytesTotal) {
      throw new TuttiError(
        'OVERLOADED',
        `${this.#used} bytes of large values are on their way to the store host, ${bytes} more are too many`,
      );
    }
    this.#used += bytes;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }
}

/** One argument that is coming in. */
export class IncomingBody {
  readonly #bytes: Buffer;
  #filled = 0;

  constructor(bytes: number) {
    this.#bytes = Buffer.allocUnsafe(bytes);
  }

  get size(): number {
    return this.#bytes.length;
  }

  get complete(): boolean {
    return this.#filled === this.#bytes.length;
  }

  get content(): Buffer {
    return this.#bytes;
  }

  /** @throws RangeError for more than was announced */
  add(chunk: Uint8Array): void {
    if (chunk.length === 0 || this.#filled + chunk.length > this.#bytes.length) {
      throw new RangeError(`a piece of ${chunk.length} bytes came, expected ${this.#bytes.length - this.#filled} at most`);
    }
    this.#bytes.set(chunk, this.#filled);
    this.#filled += chunk.length;
  }
}
