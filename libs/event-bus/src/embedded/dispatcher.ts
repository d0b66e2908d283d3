import type { Timers } from '@tutti/kernel';
import type { SubscribeOptions } from '../event-bus.port.js';
import { Backlog, type BacklogLimits } from './backlog.js';
import type { Entry } from './entry.js';
import type { GroupLedger } from './group-ledger.js';
import type { Lane } from './lanes.js';
import { Member, memberForKey } from './member.js';

export interface DispatcherOptions {
  readonly topic: string;
  readonly ledger: GroupLedger;
  readonly timers: Timers;
  readonly limits: BacklogLimits;
  readonly onRoom: () => void;
  readonly onError: (error: unknown) => void;
}

/** Hands a group's messages to its members: one at a time of each lane, up to each member's limit. */
export class Dispatcher {
  readonly backlog: Backlog;
  readonly #topic: string;
  readonly #ledger: GroupLedger;
  readonly #timers: Timers;
  readonly #onError: (error: unknown) => void;
  readonly #members = new Map<string, Member>();
  /** Ready, but there is no member to take them. */
  #orphans: Lane[] = [];

  constructor({ topic, ledger, timers, limits, onRoom, onError }: DispatcherOptions) {
    this.#topic = topic;
    this.#ledger = ledger;
    this.#timers = timers;
    this.#onError = onError;
    this.backlog = new Backlog(ledger, timers, limits, {
      isPresent: (member) => this.#members.has(member),
      onReady: (lane) => this.#ready(lane),
      onRoom,
    });
  }

  get members(): readonly string[] {
    return [...this.#members.keys()];
  }

  has(member: string): boolean {
    return this.#members.has(member);
  }

  join(options: SubscribeOptions): Member {
    const member = new Member(options);
    const waiting = [...this.#orphans, ...[...this.#members.values()].flatMap((other) => other.ready.drain())];
    this.#orphans = [];
    this.#members.set(member.name, member);
    for (const lane of waiting) this.#ready(lane);
    this.backlog.joined(member.name);
    return member;
  }

  /** Resolves when the member has nothing in hand; what it had not begun goes to others or waits for it. */
  async leave(member: Member): Promise<void> {
    this.#members.delete(member.name);
    const waiting = member.ready.drain();
    this.backlog.left(member.name);
    for (const lane of waiting) if (!lane.mailbox.addressed) this.#ready(lane);
    await member.empty();
  }

  #ready(lane: Lane): void {
    lane.state = 'ready';
    const { mailbox } = lane;
    const member = mailbox.addressed ? this.#members.get(mailbox.member) : memberForKey(this.#members, lane.key);
    if (member === undefined) this.#orphans.push(lane);
    else if (member.hasRoom && member.ready.length === 0) this.#deliver(member, lane);
    else member.ready.push(lane);
  }

  #deliver(member: Member, lane: Lane): void {
    const entry = lane.first;
    if (entry === null) return;
    lane.state = 'in-hand';
    member.inHand += 1;
    entry.deliveries += 1;
    const delivery = { ...entry.message, topic: this.#topic, offset: entry.offset, delivery: entry.deliveries };
    let outcome: Promise<void>;
    try {
      outcome = Promise.resolve(member.handle(delivery));
    } catch (error) {
      outcome = Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
    outcome.then(
      () => this.#handled(member, lane, entry),
      (error: unknown) => this.#rejected(member, lane, entry, error),
    );
  }

  #handled(member: Member, lane: Lane, entry: Entry): void {
    this.#ledger.handled(entry);
    this.#finish(member, lane);
  }

  #finish(member: Member, lane: Lane): void {
    member.release();
    this.backlog.finish(lane);
    this.#serve(member);
  }

  #rejected(member: Member, lane: Lane, entry: Entry, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#ledger.rejected(entry, member.name, message);
    if (entry.deliveries < member.maxDeliveries) {
      this.#retryLater(member, lane, entry);
      return;
    }
    // In hand until the dead letter is durable, so that neither its key nor a close goes on before.
    this.#ledger.bury(entry, message).then(
      () => this.#finish(member, lane),
      (failure: unknown) => {
        this.#onError(failure);
        this.#retryLater(member, lane, entry);
      },
    );
  }

  #retryLater(member: Member, lane: Lane, entry: Entry): void {
    member.release();
    lane.cancelRetry = this.#timers.after(member.retryDelayMs(entry.deliveries), () => {
      lane.cancelRetry = null;
      this.#ready(lane);
    });
    this.backlog.postpone(lane);
    this.#ledger.renew(entry);
    this.#serve(member);
  }

  #serve(member: Member): void {
    while (member.hasRoom) {
      const lane = member.ready.shift();
      if (lane === undefined) return;
      this.#deliver(member, lane);
    }
  }
}
