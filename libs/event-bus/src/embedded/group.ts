import { TuttiError, type Timers } from '@tutti/kernel';
import type { BusMessage, BusSubscription, SubscribeOptions } from '../event-bus.port.js';
import type { BacklogLimits } from './backlog.js';
import type { BusStorage } from './bus-storage.js';
import { Dispatcher } from './dispatcher.js';
import { Entry } from './entry.js';
import { GroupLedger } from './group-ledger.js';
import type { TopicFollower, TopicSource } from './topic-source.js';

const FOLLOW_AGAIN_MS = 1_000;
const FULL_CHECK_MS = 100;
/** After this many messages other work on the loop gets its turn, even where every handler resolves at once. */
const MESSAGES_PER_TURN = 500;

export interface GroupOptions {
  readonly topic: string;
  readonly group: string;
  readonly position: number;
  readonly source: TopicSource;
  readonly storage: BusStorage;
  readonly timers: Timers;
  readonly limits: BacklogLimits;
}

/** One group of one topic while it has members: the only reader of the topic on the group's behalf. */
export class Group {
  readonly #options: GroupOptions;
  readonly #ledger: GroupLedger;
  readonly #dispatcher: Dispatcher;
  #follower: TopicFollower | null = null;
  #following = false;
  #stopped: Promise<void> | null = null;
  #takenInTurn = 0;
  #lastTaken: number;
  #onRoom: (() => void) | null = null;
  #leaving = 0;

  constructor(options: GroupOptions) {
    const { topic, group, position, storage, timers, limits } = options;
    this.#options = options;
    this.#lastTaken = position;
    this.#ledger = new GroupLedger(storage, timers, topic, group, position);
    const onError = (error: unknown) => storage.onError(error, topic, group);
    this.#dispatcher = new Dispatcher({ topic, ledger: this.#ledger, timers, limits, onRoom: () => this.#onRoom?.(), onError });
  }

  get members(): readonly string[] {
    return this.#dispatcher.members;
  }

  /** Set once the last member has left: resolves when the group's state is on disk. */
  get stopped(): Promise<void> | null {
    return this.#stopped;
  }

  join(options: SubscribeOptions): BusSubscription {
    const { topic, group, member: name } = options;
    if (this.#dispatcher.has(name))
      throw new TuttiError('INVALID_REQUEST', `member ${name} of group ${group} on ${topic} is subscribed already`);
    const member = this.#dispatcher.join(options);
    if (!this.#following) {
      this.#following = true;
      this.#follow().catch((error: unknown) => this.#followAgainLater(error));
    }
    let closing: Promise<void> | null = null;
    return { close: () => (closing ??= this.#leave(member)) };
  }

  /** Takes a replayed dead letter, which has its row already. */
  insert(entry: Entry): void {
    if (this.#stopped === null) this.#dispatcher.backlog.insert(entry);
  }

  /** Lets go of what is in memory for a member that is not subscribed: of such, only what is on its way to disk. */
  forget(member: string): void {
    this.#ledger.forget(member);
  }

  async #leave(member: Parameters<Dispatcher['leave']>[0]): Promise<void> {
    this.#leaving += 1;
    await this.#dispatcher.leave(member);
    this.#leaving -= 1;
    if (this.#dispatcher.members.length === 0 && this.#leaving === 0) await (this.#stopped ??= this.#stop());
    else this.#ledger.flush();
  }

  async #stop(): Promise<void> {
    this.#onRoom?.();
    await this.#follower?.close();
    this.#dispatcher.backlog.shelveAll();
    this.#ledger.close();
  }

  async #follow(): Promise<void> {
    await this.#untilRoom();
    if (this.#stopped !== null) return;
    this.#follower = this.#options.source.follow(this.#lastTaken, {
      take: (position, index, message) => this.#take(position, index, message),
      batchTaken: (head) => this.#batchTaken(head),
    });
    await this.#follower.ended;
  }

  #followAgainLater(error: unknown): void {
    const { storage, topic, group, timers } = this.#options;
    if (this.#stopped !== null) return;
    storage.onError(error, topic, group);
    timers.after(FOLLOW_AGAIN_MS, () => {
      this.#follow().catch((again: unknown) => this.#followAgainLater(again));
    });
  }

  #take(position: number, index: number, message: BusMessage): void {
    if (this.#stopped !== null) return;
    const entry = new Entry(message, position, index);
    this.#lastTaken = position;
    this.#takenInTurn += 1;
    if (!this.#ledger.isDead(entry)) this.#dispatcher.backlog.arrive(entry);
  }

  #batchTaken(head: number): Promise<void> | void {
    if (this.#stopped !== null) return undefined;
    this.#lastTaken = Math.max(this.#lastTaken, head);
    this.#ledger.readUpTo(this.#lastTaken);
    return this.#dispatcher.backlog.full || this.#takenInTurn >= MESSAGES_PER_TURN ? this.#untilRoom() : undefined;
  }

  async #untilRoom(): Promise<void> {
    const { timers } = this.#options;
    while (this.#stopped === null && this.#dispatcher.backlog.full) {
      await new Promise<void>((resolve) => {
        // The timer is for rows that could not be written: nothing else says when they can.
        const cancel = timers.after(FULL_CHECK_MS, resolve);
        this.#onRoom = () => {
          cancel();
          resolve();
        };
      });
      this.#onRoom = null;
    }
    this.#takenInTurn = 0;
    await new Promise<void>((resolve) => timers.soon(resolve));
  }
}
