import type { Clock } from '@tutti/kernel';
import type { ServiceKey } from './key-folder.js';

/** Where keys come from. */
export interface KeySource {
  /** All keys, the newest last. */
  read(): Promise<readonly ServiceKey[]>;
  /** Makes the key with this number unless it is there. */
  make(sequence: number): Promise<void>;
  remove(key: ServiceKey): Promise<void>;
}

interface KeyRingOptions {
  readonly folder: KeySource;
  readonly clock: Clock;
  /** A key signs this long; then whoever signs next makes the next one. */
  readonly rotateAfterMs: number;
  /** A key is good for verification this long after the next one was made. */
  readonly retireAfterMs: number;
}

/** Others make keys too: whoever signs looks for them this often. */
export const LOOK_AGAIN_MS = 30_000;

/** Which key signs now, and which ones what was signed before may be verified by. */
export class KeyRing {
  /** The newest last. */
  private keys: readonly ServiceKey[] = [];
  private readAtMs = -Infinity;
  private reading: Promise<void> | null = null;

  constructor(private readonly options: KeyRingOptions) {}

  /** @throws TuttiError INVALID_CONFIG for a file that holds no key */
  async signing(): Promise<ServiceKey> {
    const { folder, clock, rotateAfterMs } = this.options;
    if (clock.monotonic() - this.readAtMs >= LOOK_AGAIN_MS) await this.read();
    for (let newest = this.keys.at(-1); ; newest = this.keys.at(-1)) {
      if (newest !== undefined && clock.now() - newest.createdAtMs < rotateAfterMs) return newest;
      await folder.make((newest?.sequence ?? 0) + 1);
      await this.read();
    }
  }

  /** Looks again for a key that it does not know; at most one look at a time, however many ask. */
  async verifying(kid: string): Promise<ServiceKey | null> {
    for (let looks = 0; ; looks++) {
      const at = this.keys.findIndex((key) => key.kid === kid);
      const key = this.keys[at];
      if (key !== undefined) return this.isRetired(at) ? null : key;
      if (looks === 2) return null;
      // A look under way may have begun before the key was made; the second one did not.
      await this.read();
    }
  }

  private read(): Promise<void> {
    return (this.reading ??= this.readNow().finally(() => (this.reading = null)));
  }

  private async readNow(): Promise<void> {
    const { folder, clock } = this.options;
    this.readAtMs = clock.monotonic();
    this.keys = await folder.read();
    const retired = this.keys.filter((_, at) => this.isRetired(at));
    this.keys = this.keys.filter((key) => !retired.includes(key));
    for (const key of retired) await folder.remove(key);
  }

  private isRetired(at: number): boolean {
    const next = this.keys[at + 1];
    return next !== undefined && this.options.clock.now() - next.createdAtMs >= this.options.retireAfterMs;
  }
}
