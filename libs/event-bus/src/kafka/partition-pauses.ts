import type { GroupReader } from './group-reader.js';
import type { PartitionIntake } from './partition-intake.js';

/** A paused partition goes on once this share of its limit is left. */
const RESUME_AT = 0.9;

/** Which partitions are not read for the moment: all while the subscription has enough to do, and those of which too much is read but not handled. */
export class PartitionPauses {
  readonly #reader: Pick<GroupReader, 'pause' | 'resume'>;
  readonly #maxOpen: number;
  readonly #paused = new Set<number>();

  constructor(reader: Pick<GroupReader, 'pause' | 'resume'>, maxOpen: number) {
    this.#reader = reader;
    this.#maxOpen = maxOpen;
  }

  get any(): boolean {
    return this.#paused.size > 0;
  }

  update(intakes: Iterable<PartitionIntake>, allFull: boolean): void {
    const pause: number[] = [];
    const resume: number[] = [];
    for (const { partition, ledger, next, active } of intakes) {
      if (!active) continue;
      const paused = this.#paused.has(partition);
      const full = allFull || ledger.openBelow(next) > this.#maxOpen * (paused ? RESUME_AT : 1);
      if (full === paused) continue;
      if (full) this.#paused.add(partition);
      else this.#paused.delete(partition);
      (full ? pause : resume).push(partition);
    }
    if (pause.length > 0) this.#reader.pause(pause);
    if (resume.length > 0) this.#reader.resume(resume);
  }

  /** None is paused any more, also where it is the same consumer that begins anew: that would keep to it. */
  clear(): void {
    if (this.#paused.size > 0) this.#reader.resume([...this.#paused]);
    this.#paused.clear();
  }
}
