import type { Cancel, Runtime } from '@tutti/kernel';

interface LeaseOptions {
  readonly runtime: Pick<Runtime, 'clock' | 'timers'>;
  /** How long a worker may be silent. */
  readonly leaseMs: number;
  /** Called once for each worker whose lease ran out; it has none then. */
  readonly onExpired: (worker: string) => void;
}

/**
 * Which workers count as alive. Every lease begins in this process, on its monotonic clock: nothing that another owner knew carries over. One
 * timer serves all.
 */
export class WorkerLeases {
  /** When each lease ends, on the monotonic clock. */
  private readonly ends = new Map<string, number>();
  /** Found silent once. */
  private readonly suspects = new Set<string>();
  private cancelTimer: Cancel | null = null;
  private closed = false;

  constructor(private readonly options: LeaseOptions) {}

  grant(worker: string, forMs: number = this.options.leaseMs): void {
    if (this.closed) return;
    this.ends.set(worker, this.options.runtime.clock.monotonic() + forMs);
    this.suspects.delete(worker);
    // A shorter lease than those there are is looked at when the timer next fires, which is late by one lease at most.
    this.arm();
  }

  /** False when it has none: then it is not known here. */
  renew(worker: string): boolean {
    if (!this.ends.has(worker)) return false;
    this.suspects.delete(worker);
    this.ends.set(worker, this.options.runtime.clock.monotonic() + this.options.leaseMs);
    return true;
  }

  end(worker: string): void {
    this.suspects.delete(worker);
    this.ends.delete(worker);
  }

  has(worker: string): boolean {
    return this.ends.has(worker);
  }

  close(): void {
    this.closed = true;
    this.cancelTimer?.();
    this.ends.clear();
  }

  private arm(): void {
    if (this.cancelTimer !== null || this.closed || this.ends.size === 0) return;
    const { runtime, leaseMs } = this.options;
    const now = runtime.clock.monotonic();
    // Not for each renewal, but often enough that a silent worker is given up within half of its lease.
    const dueMs = this.suspects.size > 0 ? leaseMs / 8 : Math.min(leaseMs, Math.max(leaseMs / 4, Math.min(...this.ends.values()) - now));
    this.cancelTimer = runtime.timers.after(
      dueMs,
      () => {
        this.cancelTimer = null;
        this.look(now + dueMs);
      },
      'upkeep',
    );
  }

  private look(expectedMs: number): void {
    const { runtime, leaseMs } = this.options;
    const now = runtime.clock.monotonic();
    const late = now - expectedMs;
    const expired: string[] = [];
    for (const [worker, endsMs] of this.ends) {
      // This process itself was stopped or busy, and could hear nobody: the time does not count.
      if (late > leaseMs / 4) this.ends.set(worker, Math.max(endsMs, now + leaseMs));
      else if (endsMs > now) this.suspects.delete(worker);
      // Signs of life that arrived while this process was busy are heard before the second look.
      else if (this.suspects.has(worker)) expired.push(worker);
      else this.suspects.add(worker);
    }
    for (const worker of expired) this.end(worker);
    this.arm();
    for (const worker of expired) this.options.onExpired(worker);
  }
}
