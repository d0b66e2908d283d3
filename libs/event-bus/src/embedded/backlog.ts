import type { Cancel, Timers } from '@tutti/kernel';
import type { Entry } from './entry.js';
import type { GroupLedger } from './group-ledger.js';
import { ANYONE } from './held-messages.js';
import { Mailbox, type Lane } from './lanes.js';

const LOAD_AGAIN_MS = 1_000;

/** How much a group keeps in memory, in messages. */
export interface BacklogLimits {
  /** For any member: reading pauses here, and goes on at half of it. */
  readonly forAnyone: number;
  /** For one member: more of them wait on disk, so that a slow member holds back nobody else. */
  readonly forMember: number;
  /** Of one key, behind a message that waits for its retry: more of them wait on disk. */
  readonly behindRetry: number;
  /** Read from disk at once. */
  readonly perLoad: number;
}

export const DEFAULT_BACKLOG_LIMITS: BacklogLimits = { forAnyone: 4_096, forMember: 1_024, behindRetry: 16, perLoad: 256 };

export interface BacklogHooks {
  readonly isPresent: (member: string) => boolean;
  /** The lane's first message may be delivered. */
  readonly onReady: (lane: Lane) => void;
  /** Reading may go on. */
  readonly onRoom: () => void;
}

/**
 * What a group has read and not handled: lanes in memory, within limits, and rows on disk behind them. Keeps the order of each key between the
 * two: as long as a lane or mailbox is `spooled`, what arrives for it goes to disk behind what is there.
 */
export class Backlog {
  readonly #ledger: GroupLedger;
  readonly #timers: Timers;
  readonly #hooks: BacklogHooks;
  readonly #limits: BacklogLimits;
  readonly #anyone = new Mailbox(ANYONE);
  readonly #mailboxes = new Map<string, Mailbox>([[ANYONE, this.#anyone]]);
  /** Offsets of entries in memory that have a row. */
  readonly #resident = new Set<string>();
  #cancelLoad: Cancel | null = null;

  constructor(ledger: GroupLedger, timers: Timers, limits: BacklogLimits, hooks: BacklogHooks) {
    this.#ledger = ledger;
    this.#timers = timers;
    this.#hooks = hooks;
    this.#limits = limits;
  }

  /** Reading must wait: for handlers, or until what an earlier process left is loaded, since it comes first. */
  get full(): boolean {
    return this.#anyone.count >= this.#limits.forAnyone || this.#anyone.spooled || this.#ledger.full;
  }

  /** Takes a message from the log. */
  arrive(entry: Entry): void {
    const { message } = entry;
    const name = message.member ?? ANYONE;
    if (name !== ANYONE && !this.#hooks.isPresent(name)) return this.#ledger.hold(entry);
    const mailbox = this.#mailbox(name);
    if (mailbox.addressed && (mailbox.spooled || mailbox.count >= this.#limits.forMember)) {
      mailbox.spooled = true;
      return this.#ledger.hold(entry);
    }
    const lane = mailbox.lane(message.key);
    if (lane.spooled || (lane.state === 'waiting' && lane.size > this.#limits.behindRetry)) {
      lane.spooled = true;
      return this.#ledger.hold(entry);
    }
    if (lane.state === 'waiting') this.#holdInMemory(entry);
    else this.#ledger.track(entry);
    this.#enqueue(lane, entry);
  }

  /** Takes a message that has a row and comes out of order. */
  insert(entry: Entry): void {
    const name = entry.message.member ?? ANYONE;
    if (this.#resident.has(entry.offset) || (name !== ANYONE && !this.#hooks.isPresent(name))) return;
    this.#enqueueHeld(this.#mailbox(name).lane(entry.message.key), entry);
  }

  /** A member is there now: what waits for it is loaded. */
  joined(member: string): void {
    this.#load(this.#anyone);
    this.#load(this.#mailbox(member));
  }

  /** A member is gone: what was addressed to it, and is in nobody's hand, waits on disk. */
  left(member: string): void {
    const mailbox = this.#mailboxes.get(member);
    if (mailbox !== undefined) this.#shelve(mailbox);
  }

  /** The first message of the lane is handled or dead. */
  finish(lane: Lane): void {
    const { first, mailbox } = lane;
    if (first === null) return;
    if (first.held) this.#resident.delete(first.offset);
    lane.removeFirst();
    lane.state = 'idle';
    mailbox.count -= 1;
    this.#goOn(lane);
    if (mailbox.spooled && mailbox.count <= this.#limits.forMember / 2) this.#load(mailbox);
    if (mailbox === this.#anyone && mailbox.count <= this.#limits.forAnyone / 2) this.#hooks.onRoom();
  }

  /** The first message of the lane waits for its retry: the lane gets rows, so that the group's position does not wait with it. */
  postpone(lane: Lane): void {
    lane.state = 'waiting';
    const { mailbox } = lane;
    if (mailbox.addressed && !this.#hooks.isPresent(mailbox.member)) return this.#shelve(mailbox);
    for (const entry of lane.cutAfter(1 + this.#limits.behindRetry)) {
      this.#evict(mailbox, entry);
      lane.spooled = true;
    }
    for (let entry = lane.first; entry !== null; entry = entry.behind) if (!entry.held) this.#holdInMemory(entry);
    if (mailbox === this.#anyone && mailbox.count <= this.#limits.forAnyone / 2) this.#hooks.onRoom();
  }

  /** Everything in memory waits on disk. Nothing may be in hand. */
  shelveAll(): void {
    this.#cancelLoad?.();
    for (const mailbox of [...this.#mailboxes.values()]) this.#shelve(mailbox);
  }

  #mailbox(member: string): Mailbox {
    let mailbox = this.#mailboxes.get(member);
    if (mailbox === undefined) {
      mailbox = new Mailbox(member);
      this.#mailboxes.set(member, mailbox);
    }
    return mailbox;
  }

  #enqueue(lane: Lane, entry: Entry): void {
    lane.append(entry);
    lane.mailbox.count += 1;
    if (lane.state === 'idle') this.#hooks.onReady(lane);
  }

  #enqueueHeld(lane: Lane, entry: Entry): void {
    this.#resident.add(entry.offset);
    this.#enqueue(lane, entry);
  }

  #holdInMemory(entry: Entry): void {
    this.#resident.add(entry.offset);
    this.#ledger.hold(entry);
  }

  #evict(mailbox: Mailbox, entry: Entry): void {
    mailbox.count -= 1;
    this.#resident.delete(entry.offset);
    this.#ledger.hold(entry);
  }

  #shelve(mailbox: Mailbox): void {
    for (const lane of [...mailbox.lanes.values()]) {
      const inHand = lane.state === 'in-hand';
      for (const entry of lane.cutAfter(inHand ? 1 : 0)) this.#evict(mailbox, entry);
      lane.spooled = false;
      lane.cancelRetry?.();
      lane.cancelRetry = null;
      if (!inHand) mailbox.lanes.delete(lane.key);
    }
    mailbox.rewind();
    this.#forgetIfGone(mailbox);
  }

  #goOn(lane: Lane): void {
    if (lane.first === null && lane.spooled) this.#loadLane(lane);
    else if (lane.first !== null) return this.#hooks.onReady(lane);
    if (lane.first !== null || lane.spooled) return;
    lane.mailbox.lanes.delete(lane.key);
    this.#forgetIfGone(lane.mailbox);
  }

  #forgetIfGone(mailbox: Mailbox): void {
    if (mailbox.addressed && mailbox.lanes.size === 0 && !this.#hooks.isPresent(mailbox.member)) this.#mailboxes.delete(mailbox.member);
  }

  #loadLane(lane: Lane): void {
    const entries = this.#ledger.heldOfKey(lane.mailbox.member, lane.key, this.#limits.perLoad);
    if (entries === null) return this.#loadAgainLater();
    lane.spooled = entries.length > 0;
    for (const entry of entries) this.#enqueueHeld(lane, entry);
  }

  #load(mailbox: Mailbox): void {
    if (mailbox.addressed && !this.#hooks.isPresent(mailbox.member)) return;
    const limit = mailbox.addressed ? this.#limits.forMember : this.#limits.forAnyone;
    while (mailbox.spooled && mailbox.count < limit) {
      const entries = this.#ledger.heldOfMember(mailbox.member, mailbox.loaded, this.#limits.perLoad);
      if (entries === null) return this.#loadAgainLater();
      for (const entry of entries) this.#takeLoaded(mailbox, entry);
      if (entries.length < this.#limits.perLoad) mailbox.spooled = false;
    }
    if (mailbox === this.#anyone && !this.full) this.#hooks.onRoom();
  }

  #takeLoaded(mailbox: Mailbox, entry: Entry): void {
    mailbox.loaded = { position: entry.position, part: entry.part };
    if (this.#resident.has(entry.offset)) return;
    const lane = mailbox.lane(entry.message.key);
    if (lane.state === 'waiting' && lane.size > this.#limits.behindRetry) lane.spooled = true;
    if (!lane.spooled) this.#enqueueHeld(lane, entry);
  }

  #loadAgainLater(): void {
    this.#cancelLoad ??= this.#timers.after(LOAD_AGAIN_MS, () => {
      this.#cancelLoad = null;
      for (const mailbox of [...this.#mailboxes.values()]) {
        for (const lane of [...mailbox.lanes.values()]) if (lane.first === null) this.#goOn(lane);
        if (mailbox.spooled) this.#load(mailbox);
      }
    });
  }
}
