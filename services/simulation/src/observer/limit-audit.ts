import type { RunEvent, TaskLimit, TaskPermit } from '@tutti/contracts';
import type { RecordedEvent } from '@tutti/kernel';

/** What the generated workflows say about the limits they share, whatever the coordinator makes of it. */
export const SHARED_CONCURRENCY = 2;
export const SHARED_RATE = 3;

/** Counts tasks that have a permit, over all runs. */
export class LimitAudit {
  /** Concurrency limits of each task, by run and task. */
  private readonly limited = new Map<string, readonly TaskLimit[]>();
  /** Who holds a permit of a scope, and under which lease. */
  private readonly holding = new Map<string, Map<string, string>>();
  private readonly reserved = new Map<string, number>();

  constructor(private readonly complain: (problem: string) => void) {}

  take(recorded: RecordedEvent): void {
    if (recorded.type === 'PermitsReserved') return this.reservation(recorded);
    if (recorded.type === 'PermitsAdopted') return this.adoption(recorded);
    if (recorded.type === 'PermitsExpired') return this.expiry(recorded);
    if (!recorded.stream.startsWith('run-')) return;
    const runId = recorded.metadata.correlationId;
    const event = recorded as unknown as RunEvent;
    switch (event.type) {
      case 'TaskScheduled': {
        const { task, limits = [], assignment } = event.data;
        if (limits.length === 0) return;
        this.limited.set(
          `${runId}/${task}`,
          limits.filter(({ kind }) => kind === 'concurrency'),
        );
        if (assignment !== null) this.begin(`${runId}/${task}`, assignment.permits ?? []);
        return;
      }
      case 'TaskAssigned':
        return this.begin(`${runId}/${event.data.task}`, event.data.assignment.permits ?? []);
      case 'TaskSucceeded':
      case 'TaskAttemptFailed':
      case 'TaskCancelled':
        return this.end(`${runId}/${event.data.task}`);
      case 'RunFailed':
      case 'RunCancelled':
        for (const key of this.limited.keys()) if (key.startsWith(`${runId}/`)) this.end(key);
        return;
      default:
        return;
    }
  }

  private begin(key: string, permits: readonly TaskPermit[]): void {
    for (const { scope } of this.limited.get(key) ?? []) {
      const holders = this.holding.get(scope) ?? new Map<string, string>();
      this.holding.set(scope, holders.set(key, permits.find((permit) => permit.scope === scope)?.lease ?? ''));
      if (holders.size > SHARED_CONCURRENCY)
        this.complain(`${holders.size} tasks have a permit of ${scope}; at most ${SHARED_CONCURRENCY}: ${[...holders.keys()].join(', ')}`);
    }
  }

  private end(key: string): void {
    for (const { scope } of this.limited.get(key) ?? []) this.holding.get(scope)?.delete(key);
  }

  /** Another owner answers for the attempts now: its lease is the one that counts. */
  private adoption({ data }: RecordedEvent): void {
    const { lease, attempts } = data as { readonly lease: string; readonly attempts: readonly string[] };
    for (const attempt of attempts) {
      const key = attempt.slice(0, attempt.lastIndexOf('#'));
      for (const holders of this.holding.values()) if (holders.has(key)) holders.set(key, lease);
    }
  }

  /** An owner that was silent for a whole lease loses its permits, also those of tasks that still run: nobody can tell whether they do. */
  private expiry({ data }: RecordedEvent): void {
    const { lease } = data as { readonly lease: string };
    for (const holders of this.holding.values()) for (const [key, held] of holders) if (held === lease) holders.delete(key);
  }

  /** Of one window of a rate, never more than the limit is given out. */
  private reservation({ data }: RecordedEvent): void {
    const { scope, count, window } = data as {
      readonly scope: string;
      readonly count: number;
      readonly window: { readonly startsAt: string } | null;
    };
    if (window === null) return;
    const key = `${scope} ${window.startsAt}`;
    const reserved = (this.reserved.get(key) ?? 0) + count;
    this.reserved.set(key, reserved);
    if (reserved > SHARED_RATE)
      this.complain(`${reserved} permits of ${scope} were given out for the window at ${window.startsAt}; at most ${SHARED_RATE}`);
  }
}
