import { TuttiError, type Cancel } from '@tutti/kernel';

const MAX_CALLS = 8_192;
const MAX_BYTES = 64 * 1024 * 1024;

export interface PendingCall {
  readonly method: string;
  /** Arguments as JSON text. */
  readonly args: string;
  /** Bytes that belong to the arguments. */
  readonly body: Uint8Array | null;
  /** Doing it twice is doing it once: it is sent again after a break. */
  readonly repeatable: boolean;
  /** How long it may wait for a connection. */
  readonly repeatForMs: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: TuttiError) => void;
  /** Disarms what ends the waiting for a connection. */
  cancelLimit: Cancel | null;
}

/** Calls without an answer yet, in the order they were made; as many as are bearable. */
export class PendingCalls {
  readonly #calls = new Map<number, PendingCall>();
  #bytes = 0;
  #onEmpty: (() => void) | null = null;

  get size(): number {
    return this.#calls.size;
  }

  entries(): readonly (readonly [number, PendingCall])[] {
    return [...this.#calls];
  }

  has(id: number): boolean {
    return this.#calls.has(id);
  }

  get(id: number): PendingCall | undefined {
    return this.#calls.get(id);
  }

  /** @throws TuttiError OVERLOADED. One call alone is taken whatever its size. */
  add(id: number, call: PendingCall): void {
    const bytes = sizeOf(call);
    if (this.#calls.size >= MAX_CALLS || (this.#calls.size > 0 && this.#bytes + bytes > MAX_BYTES)) {
      throw new TuttiError('OVERLOADED', `${this.#calls.size} calls with ${this.#bytes} bytes wait for the store host already`);
    }
    this.#calls.set(id, call);
    this.#bytes += bytes;
  }

  /** Takes a call out: it is answered, or given up. */
  remove(id: number): PendingCall | undefined {
    const call = this.#calls.get(id);
    if (call === undefined) return undefined;
    this.#calls.delete(id);
    this.#bytes -= sizeOf(call);
    call.cancelLimit?.();
    if (this.#calls.size === 0) this.#onEmpty?.();
    return call;
  }

  async untilEmpty(): Promise<void> {
    if (this.#calls.size > 0) await new Promise<void>((resolve) => (this.#onEmpty = resolve));
  }
}

function sizeOf({ args, body }: PendingCall): number {
  return args.length + (body?.length ?? 0);
}
