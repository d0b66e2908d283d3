import type { Cancel, Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';

export interface Lease {
  readonly healthy: boolean;
  /** Milliseconds since 1970; approximate, since the lease is kept on the monotonic clock. */
  readonly untilMs: number;
}

interface Held {
  leaseMs: number;
  healthy: boolean;
  /** On the monotonic clock. */
  due: number;
  cancel: Cancel;
}

interface LeasesOptions {
  readonly runtime: Pick<Runtime, 'clock' | 'timers'>;
  readonly logger: Logger;
  /** Records that the lease ran out; called again after a while when it rejects. */
  readonly onExpired: (id: string) => Promise<void>;
  readonly retryMs: number;
}

/**
 * Who has shown itself alive in time. Telemetry, in memory only: renewals are no events, and the clocks start afresh with the registry.
 * Only the end of a lease is recorded.
 */
export class Leases {
  private readonly held = new Map<string, Held>();
  private readonly expiring = new Map<string, Cancel>();
  private stopped = false;

  constructor(private readonly options: LeasesOptions) {}

  /** A new lease, healthy, in place of any there is. */
  grant(id: string, leaseMs: number): Lease {
    this.release(id);
    const held: Held = { leaseMs, healthy: true, due: this.options.runtime.clock.monotonic() + leaseMs, cancel: () => {} };
    if (!this.stopped) {
      this.held.set(id, held);
      this.watch(id, held);
    }
    return this.toLease(held);
  }

  /** Null when there is no lease to renew. */
  renew(id: string, healthy: boolean): Lease | null {
    const held = this.held.get(id);
    if (held === undefined) return null;
    held.healthy = healthy;
    held.due = this.options.runtime.clock.monotonic() + held.leaseMs;
    return this.toLease(held);
  }

  get(id: string): Lease | null {
    const held = this.held.get(id);
    return held === undefined ? null : this.toLease(held);
  }

  release(id: string): void {
    this.held.get(id)?.cancel();
    this.held.delete(id);
    this.expiring.get(id)?.();
    this.expiring.delete(id);
  }

  stop(): void {
    this.stopped = true;
    for (const id of [...this.held.keys(), ...this.expiring.keys()]) this.release(id);
  }

  /** One timer per lease; a renewal only moves what the timer finds when it fires. */
  private watch(id: string, held: Held): void {
    const { clock, timers } = this.options.runtime;
    held.cancel = timers.after(held.due - clock.monotonic(), () => {
      if (clock.monotonic() < held.due) return this.watch(id, held);
      this.held.delete(id);
      void this.expire(id);
    });
  }

  private async expire(id: string): Promise<void> {
    const { runtime, logger, onExpired, retryMs } = this.options;
    this.expiring.delete(id);
    try {
      await onExpired(id);
    } catch (error) {
      logger.warn('expiry of a lease could not be recorded yet', { instance: id, err: error });
      if (!this.stopped && !this.held.has(id))
        this.expiring.set(
          id,
          runtime.timers.after(retryMs, () => void this.expire(id)),
        );
    }
  }

  private toLease({ healthy, due }: Held): Lease {
    const { clock } = this.options.runtime;
    return { healthy, untilMs: Math.round(clock.now() + due - clock.monotonic()) };
  }
}
