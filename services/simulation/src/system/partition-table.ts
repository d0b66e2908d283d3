import type { Ownership } from '@tutti/coordinator';
import { PARTITIONS, partitionOf } from '@tutti/contracts';
import type { Life } from '../world/life.js';
import type { Chance } from '../world/chance.js';

/** Which server answers for which partition. A server learns of a move later than the others, so two may believe to own one, or none. */
export class PartitionTable {
  private owners: readonly number[];
  private readonly learners = new Set<{ readonly life: Life; readonly learn: () => void }>();

  constructor(
    private readonly servers: number,
    private readonly chance: Chance,
    private readonly oneProcess: boolean,
  ) {
    this.owners = Array.from({ length: PARTITIONS }, () => chance.int(0, servers - 1));
  }

  ownerOf(runId: string): number {
    return this.owners[partitionOf(runId)] ?? 0;
  }

  /** Gives each partition a new owner with the probability. */
  move(part: number): void {
    this.owners = this.owners.map((owner) => (this.chance.happens(part) ? this.chance.int(0, this.servers - 1) : owner));
    for (const learner of this.learners) {
      if (learner.life.alive) learner.life.schedule(this.chance.skewed(1, 3_000), learner.learn);
      else this.learners.delete(learner);
    }
  }

  /** What the server believes to own, in one of its lives. */
  viewOf(server: number, life: Life): Ownership {
    let known = this.owners;
    const listeners = new Set<() => void>();
    const learn = (): void => {
      if (known === this.owners) return;
      known = this.owners;
      for (const listener of listeners) listener();
    };
    if (this.servers > 1) this.learners.add({ life, learn });
    return {
      alone: this.oneProcess,
      owns: (runId) => known[partitionOf(runId)] === server,
      onChange: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
  }
}
