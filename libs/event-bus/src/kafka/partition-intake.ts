import { Entry, formatOffset } from './entry.js';
import type { ReadMessage } from './kafka-message.js';
import { Lane } from './lane.js';
import { OffsetLedger } from './offset-ledger.js';

export type IntakeLane = Lane<PartitionIntake>;

export interface IntakeHooks {
  /** A lane has its first message. */
  readonly onReady: (lane: IntakeLane) => void;
  /** Messages came into memory, or left it. */
  readonly onCount: (change: number) => void;
  /** An entry leaves memory unhandled; its deliveries are worth remembering. */
  readonly onDropped: (entry: Entry) => void;
  /** An entry is new in memory. */
  readonly onTaken: (entry: Entry) => void;
  readonly maxBehindRetry: number;
}

/**
 * One partition as a member reads it for its group: sorts messages into lanes, knows what is done, and what must be read again. What is read stays open in the
 * ledger until it is handled, whether it is in memory or not.
 */
export class PartitionIntake {
  readonly partition: number;
  ledger = new OffsetLedger(0);
  /** The offset that is to be read next. */
  next = 0;
  /** Handing over; otherwise what is in hand is all that goes on. */
  active = false;
  inHand = 0;
  readonly #hooks: IntakeHooks;
  readonly #entries = new Map<number, Entry>();
  readonly #lanes = new Map<string, IntakeLane>();
  readonly #onDrained: (() => void)[] = [];

  constructor(partition: number, hooks: IntakeHooks) {
    this.partition = partition;
    this.#hooks = hooks;
  }

  /** Begins to read at what the group has not behind it, with what this member knows to be done since. */
  begin(committed: OffsetLedger): void {
    committed.include(this.ledger);
    this.ledger = committed;
    this.next = committed.low;
    this.active = true;
  }

  /** Takes a message; one that is not for this reader is behind the group at once. Offsets that are passed over hold nothing any more. */
  take(offset: number, read: () => ReadMessage | null): void {
    if (!this.active || offset < this.next) return;
    this.ledger.done(this.next, offset);
    this.next = offset + 1;
    if (this.ledger.isDone(offset) || this.#entries.has(offset)) return;
    const found = read();
    if (found === null) this.ledger.done(offset);
    else this.#sort(offset, found);
  }

  /** Everything below was read. */
  readUpTo(offset: number): void {
    if (!this.active || offset <= this.next) return;
    this.ledger.done(this.next, offset);
    this.next = offset;
  }

  /** The first message of a lane is done. Gives the offset at which reading must begin again, where it must. */
  finish(lane: IntakeLane): number | null {
    const entry = lane.first;
    if (entry === null) return null;
    this.ledger.done(entry.at);
    this.#forget(entry);
    lane.removeFirst();
    return this.#goOn(lane);
  }

  /** The first message of a lane waits for its retry: what is far behind it leaves memory. */
  postpone(lane: IntakeLane): void {
    lane.state = 'waiting';
    const kept: Entry[] = [];
    for (let entry = lane.behind.shift(); entry !== undefined; entry = lane.behind.shift()) {
      if (kept.length < this.#hooks.maxBehindRetry) kept.push(entry);
      else this.#park(lane, entry);
    }
    for (const entry of kept) lane.behind.push(entry);
  }

  takenInHand(): void {
    this.inHand += 1;
  }

  putDown(): void {
    this.inHand -= 1;
    if (this.inHand > 0) return;
    for (const drained of this.#onDrained.splice(0)) drained();
  }

  /** Resolves when nothing is in hand. */
  drained(): Promise<void> {
    return this.inHand === 0 ? Promise.resolve() : new Promise((resolve) => this.#onDrained.push(resolve));
  }

  /** Lets go of everything that is not in hand. What is in hand is still noted as done when it is. */
  stop(): readonly Entry[] {
    this.active = false;
    const dropped: Entry[] = [];
    for (const lane of [...this.#lanes.values()]) {
      lane.cancelRetry?.();
      lane.cancelRetry = null;
      lane.parkedFrom = null;
      if (lane.state !== 'in-hand' && lane.first !== null) dropped.push(lane.first);
      for (let entry = lane.behind.shift(); entry !== undefined; entry = lane.behind.shift()) dropped.push(entry);
      if (lane.state === 'in-hand') continue;
      lane.first = null;
      lane.state = 'idle';
      this.#lanes.delete(lane.key);
    }
    for (const entry of dropped) {
      this.#forget(entry);
      this.#hooks.onDropped(entry);
    }
    return dropped;
  }

  /** The first message of a lane was put down unhandled after {@link stop}: it is read again by whoever reads the partition next. */
  abandon(lane: IntakeLane): void {
    const entry = lane.first;
    if (entry === null) return;
    this.#forget(entry);
    this.#hooks.onDropped(entry);
    lane.removeFirst();
    this.#goOn(lane);
  }

  #sort(offset: number, { message, unreadable, firstOffset }: ReadMessage): void {
    let lane = this.#lanes.get(message.key);
    if (lane === undefined) {
      lane = new Lane(this, message.key);
      this.#lanes.set(message.key, lane);
    }
    if (lane.parkedFrom !== null) return;
    if (lane.state === 'waiting' && lane.behind.length >= this.#hooks.maxBehindRetry) {
      lane.parkedFrom = offset;
      return;
    }
    const replayed = firstOffset !== undefined;
    const entry = new Entry({
      message,
      at: offset,
      offset: firstOffset ?? formatOffset(this.partition, offset),
      replayed,
      unreadable,
    });
    this.#entries.set(offset, entry);
    this.#hooks.onCount(1);
    this.#hooks.onTaken(entry);
    lane.append(entry);
    if (lane.state === 'idle') this.#hooks.onReady(lane);
  }

  #park(lane: IntakeLane, entry: Entry): void {
    lane.parkedFrom = Math.min(lane.parkedFrom ?? entry.at, entry.at);
    this.#forget(entry);
    this.#hooks.onDropped(entry);
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry.at);
    this.#hooks.onCount(-1);
  }

  #goOn(lane: IntakeLane): number | null {
    lane.state = 'idle';
    if (lane.first !== null) {
      this.#hooks.onReady(lane);
      return null;
    }
    this.#lanes.delete(lane.key);
    const { parkedFrom } = lane;
    if (parkedFrom === null || parkedFrom >= this.next) return null;
    this.next = parkedFrom;
    return parkedFrom;
  }
}
