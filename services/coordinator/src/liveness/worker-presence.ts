import { attemptKey, EMBEDDED_WORKER, type AttemptRef, type WorkerAnnouncement } from '@tutti/contracts';
import type { Runtime } from '@tutti/kernel';
import type { Ownership } from '../ownership/ownership.js';
import { WorkerLeases } from './worker-leases.js';

interface PresenceOptions {
  readonly runtime: Pick<Runtime, 'clock' | 'timers'>;
  readonly leaseMs: number;
  /** How long a worker of an earlier owner has, from when this one takes up its runs, to announce itself. */
  readonly graceMs: number;
  readonly ownership: Pick<Ownership, 'alone' | 'isCertain'>;
  /** The worker was silent for too long: what it held is to go elsewhere. Null for one that never announced itself to this owner. */
  readonly onGone: (worker: string, known: WorkerAnnouncement | null) => void;
}

/** Who has announced itself to this owner and is alive, and who of earlier times may still do so. */
export class WorkerPresence {
  private readonly announced = new Map<string, WorkerAnnouncement>();
  /**
   * What workers said they hold; as long as runs of earlier times are taken up, null afterwards. Always null where others own runs, too: what a worker says may be
   * older than a claim that another owner granted before the run moved.
   */
  private held: Map<string, ReadonlySet<string>> | null;
  /** What they asked for meanwhile. An announcement does not name it as long as its worker has no answer. */
  private readonly claimed = new Map<string, Set<string>>();
  private readonly leases: WorkerLeases;
  private graceEndsMs = -Infinity;

  constructor(private readonly options: PresenceOptions) {
    const { runtime, leaseMs, ownership } = options;
    this.held = ownership.alone ? new Map() : null;
    this.leases = new WorkerLeases({ runtime, leaseMs, onExpired: (worker) => this.expired(worker) });
  }

  /** From now on runs are taken up that somebody else answered for: workers have the grace to announce what they hold of them. */
  expectWorkers(): void {
    const { runtime, graceMs } = this.options;
    this.graceEndsMs = runtime.clock.monotonic() + graceMs;
  }

  announce(announcement: WorkerAnnouncement): void {
    const { worker, holding } = announcement;
    this.announced.set(worker, announcement);
    this.held?.set(worker, new Set(holding.map(attemptKey)));
    this.leases.grant(worker);
  }

  /** False when the worker must announce itself. */
  beat(worker: string): boolean {
    return this.announced.has(worker) && this.leases.renew(worker);
  }

  isKnown(worker: string): boolean {
    return this.announced.has(worker);
  }

  /** The worker asks for the attempt, so it has it: as good as announced. */
  claims(worker: string, attempt: AttemptRef): void {
    if (this.held === null) return;
    const claimed = this.claimed.get(worker) ?? new Set();
    this.claimed.set(worker, claimed.add(attemptKey(attempt)));
  }

  /** Whether what it held may still be with it. A worker that nobody has heard of since this owner started gets the rest of the grace to come back. */
  isExpected(worker: string): boolean {
    if (this.leases.has(worker)) return true;
    const restMs = this.graceEndsMs - this.options.runtime.clock.monotonic();
    // One that lived in the process of an earlier owner died with it.
    if (worker.startsWith(EMBEDDED_WORKER)) return false;
    if (restMs <= 0 && this.isCertain) return false;
    this.leases.grant(worker, restMs > 0 ? restMs : undefined);
    return true;
  }

  /** It has said what it holds, and this, which was given to it before, is not among it. */
  lacks(worker: string, attempt: AttemptRef): boolean {
    const held = this.held?.get(worker);
    const key = attemptKey(attempt);
    return held !== undefined && !held.has(key) && this.claimed.get(worker)?.has(key) !== true;
  }

  /** The runs that there were at the start have been taken up: what comes into memory from now on was given out by this owner. */
  recovered(): void {
    this.held = null;
    this.claimed.clear();
  }

  leave(worker: string): WorkerAnnouncement | null {
    const known = this.announced.get(worker) ?? null;
    this.announced.delete(worker);
    this.held?.delete(worker);
    this.claimed.delete(worker);
    this.leases.end(worker);
    return known;
  }

  close(): void {
    this.leases.close();
  }

  private get isCertain(): boolean {
    return this.options.ownership.isCertain !== false;
  }

  private expired(worker: string): void {
    // It may be with the next owner by now, who knows what becomes of what it holds.
    if (this.isCertain) this.options.onGone(worker, this.leave(worker));
    else this.leases.grant(worker);
  }
}
