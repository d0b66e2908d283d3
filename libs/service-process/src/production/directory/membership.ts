import { isoTime, toTuttiError, type Cancel, type Runtime, type TuttiError } from '@tutti/kernel';
import { within, type Logger } from '@tutti/service-kit';
import { BeatWatch } from './beat-watch.js';
import type { MemberDocument } from './directory-documents.js';
import type { DirectoryStore, DirectoryView } from './directory-store.js';

export interface MemberIdentity {
  /** Of the service, like `coordinator`. */
  readonly process: string;
  readonly host: string;
  readonly pid: number;
}

interface MembershipParts {
  readonly store: Pick<DirectoryStore, 'look' | 'putMember' | 'dropMember'>;
  readonly who: MemberIdentity;
  readonly leaseMs: number;
  /** How often to beat and look; a quarter of the lease where that is less. */
  readonly pollMs: number;
  /** Version of the partition table that is known already. */
  readonly knownTable: () => number;
  readonly runtime: Pick<Runtime, 'clock' | 'timers' | 'ids'>;
  readonly logger: Logger;
}

export type OnView = (view: DirectoryView) => void;

/** The document of one that is gone for so many leases is removed. */
const KEPT_LEASES = 10;
const STOPPED_SHARE = 0.75;

/** That this process is there, and what it sees of the others: it beats, then looks, again and again. While the database is away everything stays as it was. */
export class Membership {
  readonly id: string;
  private self: MemberDocument;
  private readonly watch: BeatWatch;
  private readonly pollMs: number;
  private readonly listeners = new Set<OnView>();
  private readonly wakers = new Set<() => void>();
  private latest: DirectoryView | null = null;
  private writing: Promise<unknown> = Promise.resolve();
  private round: Promise<void> | null = null;
  private following: Promise<void> | null = null;
  private cancel: Cancel = () => {};
  private closed = false;
  private isAway = false;
  /** Monotonic: when the last beat that was written was sent; when the last round ended, however it did. */
  private beatMs = -Infinity;
  private settledMs: number;
  /** Monotonic: when the last round began in which it was seen here and saw the others. */
  private certainMs = -Infinity;

  constructor(private readonly parts: MembershipParts) {
    const { who, leaseMs, runtime } = parts;
    this.id = runtime.ids.next();
    this.pollMs = Math.min(parts.pollMs, Math.floor(leaseMs / 4));
    this.watch = new BeatWatch(2 * this.pollMs);
    this.settledMs = runtime.clock.monotonic();
    this.self = { _id: this.id, beat: 0, leaseMs, roles: {}, shares: null, ...who, startedAt: isoTime(runtime.clock.now()) };
  }

  begin(): void {
    void this.look();
  }

  /** As the last look found it; null before the first. */
  get view(): DirectoryView | null {
    return this.latest;
  }

  get document(): MemberDocument {
    return this.self;
  }

  /** Called with each look. Returns how to end it. */
  onView(listener: OnView): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Called when {@link isAwake} is true again, after the look that made it so. */
  onWake(listener: () => void): void {
    this.wakers.add(listener);
  }

  isGone(id: string): boolean {
    return id !== this.id && this.watch.isGone(id);
  }

  present(): readonly MemberDocument[] {
    return (this.latest?.members ?? []).filter(({ _id }) => !this.isGone(_id));
  }

  /**
   * How long from now nobody can take this process for gone, by its own clock; 0 or less when somebody may have. Others count from when they see a beat, which is
   * never before it was sent.
   */
  sureForMs(): number {
    return this.beatMs + this.parts.leaseMs - this.parts.runtime.clock.monotonic();
  }

  /**
   * Whether nobody can have taken over from this process without its having seen it: it has given a sign of life and looked within its lease. False soon after the
   * database is away, for whomever.
   */
  get isCertain(): boolean {
    return this.parts.runtime.clock.monotonic() - this.certainMs < this.parts.leaseMs;
  }

  /** False when this process was stopped for so long that what it believes is of another time, until its next look has ended. */
  get isAwake(): boolean {
    return this.parts.runtime.clock.monotonic() - this.settledMs < this.parts.leaseMs;
  }

  /** Looks again, after a look that is under way. Never rejects. */
  look(): Promise<void> {
    if (this.closed) return Promise.resolve();
    if (this.round === null) return (this.round = this.turn().finally(() => (this.round = null)));
    return (this.following ??= this.round.then(() => {
      this.following = null;
      return this.look();
    }));
  }

  /** Changes what others read of this process. @throws TuttiError STORE_UNAVAILABLE: it is written with the next beat then */
  async change(changed: Partial<Pick<MemberDocument, 'roles' | 'shares'>>): Promise<void> {
    this.self = { ...this.self, ...changed };
    await this.limited(() => this.beat());
  }

  /** Others take it for gone at once. Never rejects: if it does not work out, its lease runs out. */
  async close(): Promise<void> {
    this.closed = true;
    this.cancel();
    await this.round;
    this.listeners.clear();
    try {
      await this.limited(() => this.writing.then(() => this.parts.store.dropMember(this.self)));
    } catch (error) {
      this.parts.logger.debug('others were not told that this process ends', { err: error });
    }
  }

  private async turn(): Promise<void> {
    this.cancel();
    const { runtime } = this.parts;
    const startedMs = runtime.clock.monotonic();
    try {
      const [view] = await this.limited(() => Promise.all([this.parts.store.look(this.parts.knownTable()), this.beat()]));
      this.saw(view, startedMs, runtime.clock.monotonic());
      this.certainMs = startedMs;
    } catch (error) {
      this.missed(toTuttiError(error));
    }
    const wasAwake = this.isAwake;
    const endedMs = runtime.clock.monotonic();
    // A round ends within half of the lease. What took longer waited for a process that was stopped: its answers may be of before, and only the next look tells what is now.
    const wasStopped = endedMs - startedMs >= this.parts.leaseMs * STOPPED_SHARE;
    if (!wasStopped) {
      this.settledMs = endedMs;
      if (!wasAwake) for (const wake of this.wakers) wake();
    }
    if (!this.closed) this.cancel = runtime.timers.after(wasStopped ? 0 : this.pollMs, () => void this.look(), 'upkeep');
  }

  /** One after the other: an older one must not overtake a newer one. */
  private beat(): Promise<void> {
    const write = async (): Promise<void> => {
      const sentMs = this.parts.runtime.clock.monotonic();
      this.self = { ...this.self, beat: this.self.beat + 1 };
      await this.parts.store.putMember(this.self);
      this.beatMs = sentMs;
    };
    const written = this.writing.then(write, write);
    this.writing = written.catch(() => undefined);
    return written;
  }

  private saw(view: DirectoryView, startedMs: number, answeredMs: number): void {
    this.watch.saw(view.members, startedMs, answeredMs);
    this.latest = view;
    if (this.isAway) this.parts.logger.info('the directory of processes can be read again');
    this.isAway = false;
    for (const listener of [...this.listeners]) listener(view);
    for (const member of view.members) {
      if (member._id === this.id || this.watch.silentMs(member._id) < KEPT_LEASES * member.leaseMs) continue;
      this.parts.store.dropMember(member).catch(() => undefined);
    }
  }

  private missed(error: TuttiError): void {
    if (!this.isAway && this.latest !== null)
      this.parts.logger.warn('the directory of processes cannot be read; everything stays as it was', { err: error });
    this.isAway = this.latest !== null;
  }

  /** A database that does not answer is away, and that it is is known before this process takes itself for one that was stopped. */
  private async limited<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = await within(this.parts.runtime, this.parts.leaseMs / 2, 'a look at the directory', work);
    return result as Result;
  }
}
