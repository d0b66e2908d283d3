export interface Beat {
  readonly _id: string;
  readonly beat: number;
  readonly leaseMs: number;
}

interface Watched {
  beat: number;
  leaseMs: number;
  silentMs: number;
}

/**
 * Which members have shown no sign of life for their lease, by the monotonic clock of whoever looks. Of the time between two looks no more than a bound is counted:
 * who could not look, since it was stopped or the database away, has not seen anybody be silent.
 */
export class BeatWatch {
  private readonly watched = new Map<string, Watched>();
  private lastMs: number | null = null;

  constructor(private readonly mostCountedMs: number) {}

  /**
   * What a look found.
   *
   * @param startedMs when the database was asked, by the monotonic clock
   * @param answeredMs when its answer was there: all that it names was so before
   */
  saw(beats: readonly Beat[], startedMs: number, answeredMs: number): void {
    const passed = this.lastMs === null ? 0 : Math.min(this.mostCountedMs, Math.max(0, startedMs - this.lastMs));
    this.lastMs = answeredMs;
    const present = new Set<string>();
    for (const { _id: id, beat, leaseMs } of beats) {
      present.add(id);
      const known = this.watched.get(id);
      if (known === undefined) this.watched.set(id, { beat, leaseMs, silentMs: 0 });
      else {
        known.silentMs = known.beat === beat ? known.silentMs + passed : 0;
        known.beat = beat;
        known.leaseMs = leaseMs;
      }
    }
    for (const id of this.watched.keys()) if (!present.has(id)) this.watched.delete(id);
  }

  /** Silent for its lease, or not there at all. */
  isGone(id: string): boolean {
    const known = this.watched.get(id);
    return known === undefined || known.silentMs >= known.leaseMs;
  }

  /** 0 for who is not there. */
  silentMs(id: string): number {
    return this.watched.get(id)?.silentMs ?? 0;
  }
}
