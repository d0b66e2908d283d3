import { TuttiError } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import type { Seat } from '../../directory/directory.port.js';
import type { SeatDocument } from './directory-documents.js';
import type { DirectoryStore, DirectoryView } from './directory-store.js';
import type { Membership } from './membership.js';

interface MongoSeatParts {
  readonly role: string;
  readonly store: Pick<DirectoryStore, 'changeSeat'>;
  readonly membership: Pick<Membership, 'id' | 'view' | 'isGone' | 'onView' | 'sureForMs'>;
  readonly logger: Logger;
  /** Told when it is of no use any more. */
  readonly onLeft: () => void;
}

/**
 * A document that names who has it. Another takes it over when the holder has left, or has shown no sign of life for its lease. The holder learns of that with its
 * next look; until then two may believe to have it, as long as the holder was stopped or cut off: {@link sureForMs} says when that may begin.
 */
export class MongoSeat implements Seat {
  /** The version under which this process has it. */
  private held: number | null = null;
  private left = false;
  private wake: () => void = () => {};
  private readonly losing = new Set<() => void>();
  private readonly stopWatching: () => void;

  constructor(private readonly parts: MongoSeatParts) {
    this.stopWatching = parts.membership.onView((view) => this.saw(view));
  }

  async take(onStandby: (holder: string | null) => void = () => undefined): Promise<void> {
    const { role, membership, logger } = this.parts;
    for (let isTold = false; this.held === null; await this.nextView()) {
      if (this.left) throw this.stopped();
      const { view } = membership;
      if (view !== null && (await this.tryNow(view.seats.get(role) ?? null))) break;
      const holder = view?.seats.get(role)?.holder ?? null;
      if (view !== null && holder !== null && !isTold) {
        isTold = true;
        const found = view.members.find(({ _id }) => _id === holder);
        logger.info('stands by: another process has the seat', { role, pid: found?.pid, host: found?.host });
        onStandby(found === undefined ? null : `${found.pid} on ${found.host}`);
      }
    }
    // Left while it was taken: there was nothing to hand back yet.
    if (this.left) {
      await this.release();
      throw this.stopped();
    }
    logger.info('has the seat', { role });
  }

  onLost(listener: () => void): () => void {
    this.losing.add(listener);
    return () => this.losing.delete(listener);
  }

  sureForMs(): number {
    return this.held === null ? 0 : this.parts.membership.sureForMs();
  }

  async leave(): Promise<void> {
    this.left = true;
    this.wake();
    this.stopWatching();
    await this.release();
    this.parts.onLeft();
  }

  async leaveAfter(end: () => Promise<void>): Promise<void> {
    this.left = true;
    this.wake();
    try {
      await end();
    } finally {
      await this.leave();
    }
  }

  private saw(view: DirectoryView): void {
    this.wake();
    if (this.held === null) return;
    const now = view.seats.get(this.parts.role);
    // A look that began before the seat was taken says nothing of it.
    if (now === undefined || now.version <= this.held || now.holder === this.parts.membership.id) return;
    this.held = null;
    this.parts.logger.warn('lost the seat: this process was not heard of for too long', { role: this.parts.role });
    for (const listener of [...this.losing]) listener();
  }

  private async tryNow(seat: SeatDocument | null): Promise<boolean> {
    const { role, store, membership } = this.parts;
    // An answer that was lost: it was taken.
    if (seat?.holder === membership.id) {
      this.held = seat.version;
      return true;
    }
    // Who takes it must be known to be there first: others would take it for gone.
    if (membership.sureForMs() <= 0 || (seat !== null && seat.holder !== null && !membership.isGone(seat.holder))) return false;
    try {
      if (!(await store.changeSeat(seat, role, membership.id))) return false;
      this.held = (seat?.version ?? 0) + 1;
      return true;
    } catch (error) {
      this.parts.logger.debug('the seat could not be taken yet', { role, err: error });
      return false;
    }
  }

  /** Never rejects: if it does not work out, the lease runs out. */
  private async release(): Promise<void> {
    const { held } = this;
    this.held = null;
    if (held === null) return;
    const { role, store, membership, logger } = this.parts;
    try {
      await store.changeSeat({ _id: role, version: held, holder: membership.id }, role, null);
    } catch (error) {
      logger.debug('the seat could not be handed back; it comes free with the lease', { role, err: error });
    }
  }

  private stopped(): TuttiError {
    return new TuttiError('SHUTTING_DOWN', `this process was stopped before it became the ${this.parts.role}`);
  }

  private nextView(): Promise<void> {
    if (this.left) return Promise.resolve();
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }
}
