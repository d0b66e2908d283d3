import { isTuttiError } from '@tutti/kernel';
import type { Ownership } from '../ownership/ownership.js';
import type { Seat } from './hot-run.js';
import type { RunOwnerParts } from './run-owner-parts.js';

const REVIVE_AFTER_MS = 1_000;

/** What the owner does for it. */
interface Revival {
  /** Loads a run and lets it go on. */
  readonly recover: (runId: string) => Promise<void>;
  /** Tells the router that the seats are free. */
  readonly wake: (seats: readonly Seat[]) => void;
}

/** Takes up runs that fell out of memory, again and again until it works out. */
export class RunReviver {
  /** Runs to take up again in a while, with the seats that may have come free for others. */
  private readonly planned = new Map<string, Seat[]>();
  private closed = false;

  constructor(
    private readonly parts: Pick<RunOwnerParts, 'permits' | 'logger' | 'runtime'>,
    private readonly ownership: Ownership,
    private readonly revival: Revival,
  ) {}

  has(runId: string): boolean {
    return this.planned.has(runId);
  }

  later(runId: string, seats: readonly Seat[]): void {
    const planned = this.planned.get(runId);
    if (planned !== undefined) {
      planned.push(...seats);
      return;
    }
    const toWake = [...seats];
    this.planned.set(runId, toWake);
    this.parts.runtime.timers.after(REVIVE_AFTER_MS, () => {
      this.planned.delete(runId);
      if (!this.closed) void this.now(runId).then(() => this.revival.wake(toWake));
    });
  }

  /** Never rejects: what does not work out is tried again later. */
  async now(runId: string): Promise<void> {
    try {
      await this.revival.recover(runId);
    } catch (error) {
      if (isTuttiError(error, 'RUN_NOT_FOUND')) this.parts.permits.reconcile(runId, []);
      // It moved while it was not in memory.
      if (!this.ownership.owns(runId)) this.parts.permits.letGo(runId);
      if (this.closed || isTuttiError(error, 'RUN_NOT_FOUND') || !this.ownership.owns(runId)) return;
      this.parts.logger.warn('a run could not be taken up again', { run: runId, err: error });
      this.later(runId, []);
    }
  }

  close(): void {
    this.closed = true;
  }
}
