import { sha256Hex, TuttiError } from '@tutti/kernel';
import type { Chance } from '../world/chance.js';
import type { Life } from '../world/life.js';

/** Large values by their hash, durable when `put` answers; what was not answered may be there or not. */
export class SimulatedBlobs {
  private readonly blobs = new Map<string, Uint8Array>();

  constructor(private readonly chance: Chance) {}

  connect(life: Life): { put(tenant: string, bytes: Uint8Array): Promise<string>; get(tenant: string, hash: string): Promise<Uint8Array> } {
    return {
      put: (_, bytes) => {
        const hash = sha256Hex(bytes);
        return this.later(life, () => {
          this.blobs.set(hash, bytes);
          return hash;
        });
      },
      get: async (_, hash) => {
        const found = await this.later(life, () => this.blobs.get(hash));
        if (found === undefined) throw new TuttiError('BLOB_NOT_FOUND', `there is no blob ${hash}`);
        return found;
      },
    };
  }

  private later<Answer>(life: Life, answer: () => Answer): Promise<Answer> {
    return new Promise((resolve) => {
      if (life.call()) life.schedule(this.chance.skewed(0.1, 3), () => resolve(answer()));
    });
  }
}
