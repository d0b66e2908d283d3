/** A recorded event as it stands on a topic. */
export interface SeenEvent {
  readonly stream: string;
  readonly revision: number;
}

/** The consumer that the rules ask for: it drops what is not newer than the last revision of the stream. What it keeps must then be whole. */
export class SeenRevisions {
  private readonly last = new Map<string, number>();
  /** Of each stream where a revision came before one that it follows, the first. */
  readonly gaps: string[] = [];
  repeats = 0;

  /** Whether it is new. */
  take({ stream, revision }: SeenEvent): boolean {
    const last = this.last.get(stream) ?? -1;
    if (revision <= last) {
      this.repeats += 1;
      return false;
    }
    if (revision !== last + 1) this.gaps.push(`${stream}: revision ${revision} came after ${last}`);
    this.last.set(stream, revision);
    return true;
  }

  /** What is wrong with what came, by what was recorded; empty when each event came once, in order, after repeats were dropped. */
  faults(recorded: Iterable<SeenEvent>): readonly string[] {
    const newest = new Map<string, number>();
    for (const { stream, revision } of recorded) newest.set(stream, Math.max(revision, newest.get(stream) ?? -1));
    const behind = [...newest].filter(([stream, revision]) => (this.last.get(stream) ?? -1) < revision);
    return [
      ...this.gaps,
      ...behind.map(([stream, revision]) => `${stream}: nothing behind ${this.last.get(stream) ?? -1}, expected ${revision}`),
    ];
  }
}
