import type { EventStore } from '@tutti/event-store';
import type { EventFollower, WatchHandle } from '../inbox/event-follower.js';

const ENDS = ['RunSucceeded', 'RunFailed', 'RunCancelled'] as const;

interface Listener {
  readonly runs: ReadonlySet<string>;
  readonly onEnd: () => void;
}

/** Tells schedules of the ends of their runs. Follows nothing while nobody listens. */
export class RunEnds {
  private readonly listeners = new Map<string, Listener>();
  private watches: readonly WatchHandle[] = [];

  constructor(
    private readonly store: Pick<EventStore, 'head'>,
    private readonly follower: EventFollower,
  ) {}

  /** In place of what this listener listened for. Once it resolves, no end of these runs from then on is missed. */
  async listen(name: string, runs: readonly string[], onEnd: () => void): Promise<void> {
    this.listeners.set(name, { runs: new Set(runs), onEnd });
    if (this.watches.length > 0) return;
    const after = await this.store.head();
    if (this.watches.length > 0 || this.listeners.size === 0) return;
    this.watches = ENDS.map((eventType) =>
      this.follower.watch({ after, eventType }, ({ recorded }) => this.tell(recorded.metadata.correlationId)),
    );
  }

  forget(name: string): void {
    this.listeners.delete(name);
    if (this.listeners.size > 0) return;
    for (const watch of this.watches) watch.close();
    this.watches = [];
  }

  close(): void {
    for (const name of [...this.listeners.keys()]) this.forget(name);
  }

  private tell(runId: string): void {
    for (const { runs, onEnd } of [...this.listeners.values()]) if (runs.has(runId)) onEnd();
  }
}
