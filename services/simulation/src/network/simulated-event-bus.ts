import {
  DEAD_LETTER,
  deadLetterTopic,
  type BusMessage,
  type BusSubscription,
  type DeadLetter,
  type Delivery,
  type EventBus,
  type FailedDelivery,
  type SubscribeOptions,
  type TopicView,
} from '@tutti/event-bus';
import { eventMatcher } from '@tutti/event-store';
import { isoTime, TuttiError, type JsonValue, type RecordedEvent } from '@tutti/kernel';
import { asError } from '../world/as-error.js';
import type { Chance } from '../world/chance.js';
import type { Life } from '../world/life.js';

interface Entry {
  readonly message: BusMessage;
  readonly offset: number;
  deliveries: number;
  readonly attempts: FailedDelivery[];
}

/** Messages of one key for one member, or for any: handled in order, one at a time. */
interface Lane {
  readonly waiting: Entry[];
  /** Handled last, newest at the end: what a consumer that lost its position gets again. */
  readonly handled: Entry[];
  busy: boolean;
}

interface Member {
  readonly options: SubscribeOptions;
  readonly life: Life;
  inHand: number;
  onEmpty: () => void;
  isOpen: boolean;
}

interface Group {
  readonly name: string;
  readonly topic: string;
  readonly lanes: Map<string, Lane>;
  readonly members: Map<string, Member>;
  readonly dead: DeadLetter[];
  read: number;
}

/** How badly messages travel now. */
export interface BusCondition {
  /** Part of the deliveries that get lost and come again later. */
  loss: number;
  /** Part of the handled messages that a group gets again, with those of the same key that it had before. */
  repetition: number;
  /** Longest delay of a delivery. */
  delayMs: number;
}

interface BusOptions {
  readonly chance: Chance;
  readonly views: readonly TopicView[];
  readonly now: () => number;
}

const REMEMBERED = 3;
const DEFAULTS = { concurrency: 64, maxDeliveries: 5, retryDelayMs: 200 };
const MAX_RETRY_DELAY_MS = 3_600_000;

/** Topics that are views over the log, as any adapter gives them: at least once, in order per key, redelivered when a handler rejects or its process is gone. */
export class SimulatedEventBus {
  readonly condition: BusCondition = { loss: 0, repetition: 0, delayMs: 1 };
  private readonly topics = new Map<string, BusMessage[]>();
  private readonly groups = new Map<string, Group>();
  private buried = 0;

  constructor(private readonly options: BusOptions) {}

  committed(events: readonly RecordedEvent[]): void {
    for (const { topic, filter, messages } of this.options.views) {
      const made = events.filter(eventMatcher(filter)).flatMap((event) => messages(event));
      if (made.length > 0) this.take(topic, made);
    }
  }

  /** The port, as one life of one process has it. */
  connect(life: Life): EventBus {
    return {
      publish: (topic, messages) =>
        this.ask(life, () => {
          if (this.options.views.some((view) => view.topic === topic))
            throw new TuttiError('INVALID_REQUEST', `${topic} is a view over recorded events`);
          this.take(topic, messages);
        }),
      subscribe: (options) => this.ask(life, () => this.subscribe(life, options)),
      members: (topic, name) => this.ask(life, () => [...this.group(topic, name).members.keys()]),
      forgetMember: (topic, name, member) => this.ask(life, () => this.forget(this.group(topic, name), member)),
      deadLetters: {
        list: ({ topic, group, after, limit } = {}) =>
          this.ask(life, () =>
            this.letters()
              .filter((letter) => (topic ?? letter.topic) === letter.topic && (group ?? letter.group) === letter.group)
              .filter(({ cursor }) => Number(cursor) > Number(after ?? -1))
              .slice(0, limit),
          ),
        get: (topic, name, offset) => this.ask(life, () => this.group(topic, name).dead.find((letter) => letter.offset === offset) ?? null),
        replay: (topic, name, offset) => this.ask(life, () => this.replay(this.group(topic, name), offset)),
        discard: (topic, name, offset) => this.ask(life, () => this.unbury(this.group(topic, name), offset) !== null),
      },
    };
  }

  /** Everything of a life that has ended is free for others. */
  lifeEnded(life: Life): void {
    for (const group of this.groups.values()) {
      for (const [name, member] of group.members) if (member.life === life) group.members.delete(name);
      for (const [key, lane] of group.lanes) if (lane.busy) this.freeAfterCrash(group, key, lane);
    }
  }

  /** The bus was in the process that ended: what it had handled last is handed out again. */
  crash(): void {
    for (const group of this.groups.values())
      for (const lane of group.lanes.values()) this.rewind(lane, this.options.chance.int(0, REMEMBERED));
  }

  private take(topic: string, messages: readonly BusMessage[]): void {
    const log = this.topics.get(topic) ?? [];
    this.topics.set(topic, log);
    log.push(...messages);
    for (const group of this.groups.values()) if (group.topic === topic) this.readOn(group);
  }

  private readOn(group: Group): void {
    const log = this.topics.get(group.topic) ?? [];
    while (group.read < log.length) {
      const message = log[group.read] as BusMessage;
      const key = `${message.member ?? ''}\n${message.key}`;
      let lane = group.lanes.get(key);
      if (lane === undefined) group.lanes.set(key, (lane = { waiting: [], handled: [], busy: false }));
      lane.waiting.push({ message, offset: group.read++, deliveries: 0, attempts: [] });
      this.pump(group, lane);
    }
  }

  private group(topic: string, name: string): Group {
    const key = `${topic}\n${name}`;
    let group = this.groups.get(key);
    if (group === undefined) this.groups.set(key, (group = { name, topic, lanes: new Map(), members: new Map(), dead: [], read: 0 }));
    return group;
  }

  private subscribe(life: Life, options: SubscribeOptions): BusSubscription {
    const group = this.group(options.topic, options.group);
    const member: Member = { options, life, inHand: 0, onEmpty: () => undefined, isOpen: true };
    group.members.set(options.member, member);
    this.readOn(group);
    for (const lane of group.lanes.values()) this.pump(group, lane);
    return {
      close: async () => {
        member.isOpen = false;
        if (group.members.get(options.member) === member) group.members.delete(options.member);
        if (member.inHand > 0) await new Promise<void>((resolve) => (member.onEmpty = resolve));
      },
    };
  }

  private pump(group: Group, lane: Lane): void {
    const first = lane.waiting[0];
    if (lane.busy || first === undefined) return;
    const member = this.memberFor(group, first.message);
    if (member === undefined || member.inHand >= (member.options.concurrency ?? DEFAULTS.concurrency)) return;
    lane.busy = true;
    member.inHand++;
    const { chance } = this.options;
    const { loss, delayMs } = this.condition;
    const lost = chance.happens(loss) ? chance.between(500, 5_000) : 0;
    member.life.schedule(lost + chance.skewed(0.05, delayMs), () => this.handOver(group, lane, member, first));
  }

  private memberFor(group: Group, { member }: BusMessage): Member | undefined {
    if (member !== undefined) return group.members.get(member);
    return group.members.size === 0 ? undefined : this.options.chance.pick([...group.members.values()]);
  }

  private handOver(group: Group, lane: Lane, member: Member, entry: Entry): void {
    if (!member.isOpen) return this.putDown(group, lane, member);
    entry.deliveries++;
    const delivery: Delivery = { ...entry.message, topic: group.topic, offset: String(entry.offset), delivery: entry.deliveries };
    const acknowledge = (then: () => void): void => {
      if (member.life.call()) then();
    };
    Promise.resolve()
      .then(() => member.options.handle(delivery))
      .then(
        () => acknowledge(() => this.handled(group, lane, member)),
        (error: unknown) => acknowledge(() => this.rejected(group, lane, member, entry, error)),
      );
  }

  private handled(group: Group, lane: Lane, member: Member): void {
    const entry = lane.waiting.shift();
    if (entry !== undefined) {
      lane.handled.push(entry);
      if (lane.handled.length > REMEMBERED) lane.handled.shift();
    }
    const { chance } = this.options;
    if (chance.happens(this.condition.repetition)) this.rewind(lane, chance.int(1, REMEMBERED));
    this.putDown(group, lane, member);
  }

  private rejected(group: Group, lane: Lane, member: Member, entry: Entry, error: unknown): void {
    const { maxDeliveries = DEFAULTS.maxDeliveries, retryDelayMs = DEFAULTS.retryDelayMs } = member.options;
    const reason = error instanceof Error ? error.message : String(error);
    const time = isoTime(this.options.now());
    entry.attempts.push({ delivery: entry.deliveries, member: member.options.member, error: reason, time });
    if (entry.deliveries >= maxDeliveries) {
      lane.waiting.shift();
      this.bury(group, entry, reason, time);
      return this.putDown(group, lane, member);
    }
    this.release(member);
    const delayMs = Math.min(MAX_RETRY_DELAY_MS, retryDelayMs * 2 ** (entry.deliveries - 1));
    member.life.schedule(delayMs, () => {
      lane.busy = false;
      this.pump(group, lane);
    });
  }

  private putDown(group: Group, lane: Lane, member: Member): void {
    lane.busy = false;
    this.release(member);
    this.pump(group, lane);
    // Room came free for other keys, too.
    for (const other of group.lanes.values()) if (other !== lane) this.pump(group, other);
  }

  private release(member: Member): void {
    member.inHand--;
    if (member.inHand === 0) member.onEmpty();
  }

  private freeAfterCrash(group: Group, key: string, lane: Lane): void {
    const addressee = key.slice(0, key.indexOf('\n'));
    if (addressee !== '' && group.members.has(addressee)) return;
    lane.busy = false;
    this.pump(group, lane);
  }

  private rewind(lane: Lane, count: number): void {
    if (count > 0) lane.waiting.unshift(...lane.handled.splice(-count));
  }

  private forget(group: Group, member: string): void {
    if (member === '' || group.members.has(member)) throw new TuttiError('INVALID_REQUEST', `cannot forget member "${member}"`);
    for (const [key, lane] of group.lanes) if (key.startsWith(`${member}\n`)) lane.waiting.length = 0;
  }

  private bury({ topic, name, dead }: Group, { message, offset, deliveries, attempts }: Entry, error: string, time: string): void {
    const letter = { ...message, topic, group: name, offset: String(offset), deliveries, error, time, attempts: [...attempts] };
    dead.push({ ...letter, cursor: String(this.buried++) });
    if (topic.endsWith(deadLetterTopic(''))) return;
    const id = `${name}/${offset}/${time}`;
    this.take(deadLetterTopic(topic), [{ id, type: DEAD_LETTER, key: message.key, payload: letter as unknown as JsonValue }]);
  }

  private letters(): readonly DeadLetter[] {
    return [...this.groups.values()].flatMap(({ dead }) => dead).sort((one, other) => Number(one.cursor) - Number(other.cursor));
  }

  private unbury(group: Group, offset: string): DeadLetter | null {
    const index = group.dead.findIndex((letter) => letter.offset === offset);
    return index < 0 ? null : (group.dead.splice(index, 1)[0] ?? null);
  }

  private replay(group: Group, offset: string): boolean {
    const message = this.topics.get(group.topic)?.[Number(offset)];
    if (message === undefined || this.unbury(group, offset) === null) return false;
    const key = `${message.member ?? ''}\n${message.key}`;
    const lane = group.lanes.get(key) ?? { waiting: [], handled: [], busy: false };
    group.lanes.set(key, lane);
    lane.waiting.push({ message, offset: Number(offset), deliveries: 0, attempts: [] });
    this.pump(group, lane);
    return true;
  }

  private ask<Answer>(life: Life, answer: () => Answer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (!life.call()) return;
      life.schedule(this.options.chance.skewed(0.05, 1), () => {
        try {
          resolve(answer());
        } catch (error) {
          reject(asError(error));
        }
      });
    });
  }
}
