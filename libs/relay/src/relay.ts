import type { EventStore } from '@tutti/event-store';
import { isoTime, type Runtime } from '@tutti/kernel';
import { CheckpointNotes } from './checkpoint-notes.js';
import { Fence } from './fence.js';
import { LogPublication } from './log-publication.js';
import { growingPauses, Pauses } from './pauses.js';
import {
  DEFAULT_RELAY_LIMITS,
  type RelayCheckpoints,
  type RelayLimits,
  type RelayLog,
  type RelayPublisher,
  type RelayRoute,
  type RelaySeat,
} from './relay-ports.js';
import { RELAY_ROUTES } from './relay-routes.js';
import type { RelayFault, RelayState, RelayStatus, StuckEvent } from './relay-state.js';

export interface RelayOptions {
  readonly store: Pick<EventStore, 'subscribe' | 'head'>;
  readonly publisher: RelayPublisher;
  readonly checkpoints: RelayCheckpoints;
  /** A place to wait in, a new one each time: one that was lost or left is not taken again. */
  readonly seat: () => RelaySeat;
  readonly runtime: Pick<Runtime, 'clock' | 'timers'>;
  readonly log: RelayLog;
  /** Default: the topics that are made from the log, and those of recorded events. */
  readonly routes?: readonly RelayRoute[];
  readonly limits?: Partial<RelayLimits>;
}

/**
 * Publishes what is recorded, while this process has the seat.
 *
 * Guarantees: everything that is durable in the store goes out at least once, whatever is killed when; on each topic the first occurrences of a key's messages are in the order of the
 * log. So whoever drops what it has seen (revisions that are not higher than the last one of the stream) has each once, in order.
 *
 * Not promised: exactly once; order between keys or topics. A process that was stopped for longer than its seat lasts may send the batch in hand late.
 */
export interface Relay {
  /** Waits for the seat in the background and publishes from then on. Whatever is away is waited for. */
  start(): void;
  /** Finishes the batch in hand, notes how far it got, lets the next one begin. Takes as long as the publisher does to give one batch up. */
  stop(): Promise<void>;
  state(): RelayState;
}

export function createRelay(options: RelayOptions): Relay {
  return new LogRelay(options);
}

const LOOK_FOR_HEAD_MS = 5_000;
/** Asked so often whether the store has come as far as the checkpoint says: one that lags behind another copy of itself does soon. */
const TRIES_FOR_HEAD = 5;

class LogRelay implements Relay {
  private readonly limits: RelayLimits;
  private readonly pauses: Pauses;
  private living: Promise<void> | null = null;
  private stopped = false;
  private seat: RelaySeat | null = null;
  private publication: LogPublication | null = null;
  private status: RelayStatus = 'stopped';
  private position: number | null = null;
  private head: number | null = null;
  private lastPublishedAt: string | null = null;
  private published = 0;
  private fault: RelayFault | null = null;

  constructor(private readonly options: RelayOptions) {
    this.limits = { ...DEFAULT_RELAY_LIMITS, ...options.limits };
    this.pauses = new Pauses(options.runtime.timers);
  }

  start(): void {
    this.living ??= this.live();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.pauses.end();
    this.publication?.end();
    if (this.status === 'standby') await this.seat?.leave();
    await this.living;
  }

  state(): RelayState {
    const { status, position, head, lastPublishedAt, published, fault } = this;
    const lag = position === null || head === null ? null : Math.max(0, head - position);
    return { status, position, head, lag, lastPublishedAt, published, fault };
  }

  private async live(): Promise<void> {
    const pauses = growingPauses(this.limits);
    while (!this.stopped) {
      const seat = this.options.seat();
      this.seat = seat;
      this.status = 'standby';
      try {
        await seat.take();
        if (!this.stopped) await this.publishWhileSeated(seat);
      } catch (error) {
        if (!this.stopped) await this.waitAfter('the relay could not take its seat or begin, and tries again', error, pauses.next().value);
      } finally {
        await seat.leave().catch((error: unknown) => this.options.log.warn('the relay could not leave its seat', { err: error }));
      }
      if (this.isStuck()) await this.pauses.wait(this.limits.stuckPauseMs);
    }
    this.status = 'stopped';
  }

  private async publishWhileSeated(seat: RelaySeat): Promise<void> {
    const { runtime, checkpoints, log } = this.options;
    let notes: CheckpointNotes | null = null;
    const onLost = (): void => {
      notes?.abandon();
      this.publication?.end();
      log.warn('the relay lost its seat and publishes no more', { position: this.position });
    };
    const fence = new Fence({ seat, runtime, pauses: this.pauses, log, onLost });
    const cancelLooking = this.lookForHead();
    try {
      const after = await this.begin(fence);
      if (after === null) return;
      notes = new CheckpointNotes({ checkpoints, runtime, everyMs: this.limits.noteEveryMs, log }, after);
      await this.publishFrom(notes, () => fence.mayPublish());
      if (!fence.isLost) await notes.finish();
    } finally {
      notes?.abandon();
      fence.close();
      cancelLooking();
      this.publication = null;
    }
  }

  /** @returns the position behind which to go on; null when there is no more to do here */
  private async begin(fence: Fence): Promise<number | null> {
    const { publisher, checkpoints, log } = this.options;
    this.status = 'starting';
    for (const pauseMs of growingPauses(this.limits)) {
      try {
        await publisher.ensureTopics([...new Set((this.options.routes ?? RELAY_ROUTES).flatMap(({ topics }) => topics))]);
        const after = await this.knownToStore(await checkpoints.load());
        if (this.stopped || fence.isLost) return null;
        this.position = after;
        this.goesOn();
        log.info('the relay publishes', { after });
        return after;
      } catch (error) {
        if (this.stopped || fence.isLost) return null;
        await this.waitAfter('the relay waits for the broker or the store', error, pauseMs);
      }
    }
    return null;
  }

  /** A checkpoint of a log that is no more, as after a backup was brought back, would pass over what is recorded since. */
  private async knownToStore(noted: number | null): Promise<number> {
    for (let tries = 1; ; tries++) {
      this.head = await this.options.store.head();
      if (noted === null || noted <= this.head) return noted ?? -1;
      if (tries === TRIES_FOR_HEAD || this.stopped) break;
      await this.pauses.wait(this.limits.longestPauseMs / TRIES_FOR_HEAD);
    }
    this.options.log.warn('the broker has more of the log than the store: it is published anew from its beginning', {
      noted,
      head: this.head,
    });
    return -1;
  }

  private async publishFrom(notes: CheckpointNotes, mayPublish: () => Promise<boolean>): Promise<void> {
    const { store, publisher, runtime, routes = RELAY_ROUTES } = this.options;
    const progress = {
      sending: () => notes.goAlong(),
      read: (head: number) => (this.head = Math.max(head, this.head ?? head)),
      acknowledged: (position: number, events: number, lastEvent: number | null) => {
        this.acknowledged(position, events);
        // Not where the log is merely read up to: that may be behind the last event, by what else a store keeps, and would look like another store's.
        if (lastEvent !== null) notes.reached(lastEvent);
      },
      waiting: (error: unknown) => this.waits('the relay waits for the broker', error),
    };
    let pausesMs = growingPauses(this.limits);
    while (!this.stopped && (await mayPublish())) {
      const { limits, pauses } = this;
      const after = this.position ?? -1;
      this.publication = new LogPublication({ store, publisher, routes, after, limits, runtime, pauses, mayPublish, progress });
      const end = await this.publication.run();
      if (end.why === 'ended') return;
      if (end.why === 'stuck') return this.stopAt(end.event, end.error);
      // One that goes away now and then has not been away all the while.
      if ((this.position ?? -1) > after) pausesMs = growingPauses(this.limits);
      await this.waitAfter('the relay waits for the event store', end.error, pausesMs.next().value);
    }
  }

  private acknowledged(position: number, events: number): void {
    this.position = position;
    this.published += events;
    if (events > 0) this.lastPublishedAt = this.now();
    this.goesOn();
  }

  private goesOn(): void {
    this.status = 'publishing';
    if (this.fault?.event !== undefined && (this.position ?? -1) < this.fault.event.position) return;
    if (this.fault !== null) this.options.log.info('the relay goes on', { position: this.position, waitedSince: this.fault.since });
    this.fault = null;
  }

  /** Said once, until it goes on. */
  private waits(what: string, error: unknown): void {
    if (this.fault === null || this.fault.event !== undefined) {
      this.options.log.warn(what, { position: this.position, err: error });
      this.fault = { reason: textOf(error), since: this.now() };
    }
    this.status = 'waiting';
  }

  private waitAfter(what: string, error: unknown, pauseMs: number): Promise<void> {
    this.waits(what, error);
    return this.pauses.wait(pauseMs);
  }

  private stopAt(event: StuckEvent, error: unknown): void {
    this.options.log.error('the relay stops at an event that it cannot publish; nothing behind it goes out', { event, err: error });
    this.fault = { reason: textOf(error), since: this.fault?.event?.id === event.id ? this.fault.since : this.now(), event };
    this.status = 'stuck';
  }

  private isStuck(): boolean {
    return this.status === 'stuck';
  }

  private lookForHead(): () => void {
    const { store, runtime } = this.options;
    let ended = false;
    let cancel = () => {};
    const look = () => {
      store.head().then(
        (head) => (this.head = head),
        () => undefined,
      );
      if (!ended) cancel = runtime.timers.after(LOOK_FOR_HEAD_MS, look, 'upkeep');
    };
    cancel = runtime.timers.after(LOOK_FOR_HEAD_MS, look, 'upkeep');
    return () => {
      ended = true;
      cancel();
    };
  }

  private now(): string {
    return isoTime(this.options.runtime.clock.now());
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
