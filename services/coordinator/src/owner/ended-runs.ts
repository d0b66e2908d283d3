/** More than any tail is behind; some hundred bytes each. */
const KEPT = 10_000;

/** Runs that have left memory since they had ended, each with the revision up to which that is known: what comes before it is no news. Forgets the oldest. */
export class EndedRuns {
  private readonly revisions = new Map<string, number>();

  note(runId: string, revision: number): void {
    this.revisions.delete(runId);
    this.revisions.set(runId, revision);
    if (this.revisions.size <= KEPT) return;
    const [oldest] = this.revisions.keys();
    if (oldest !== undefined) this.revisions.delete(oldest);
  }

  /** Whether the event of this revision was there when the run left. */
  covers(runId: string, revision: number): boolean {
    return (this.revisions.get(runId) ?? -1) >= revision;
  }
}
