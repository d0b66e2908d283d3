import { isoTime, TuttiError, type Cancel, type Runtime } from '@tutti/kernel';
import { deadLetterTopic } from '../dead-letter-topic.js';
import { deadLetterMessage, withAttempt } from '../dead-letter.js';
import type {
  BusMessage,
  BusSubscription,
  DeadLetter,
  DeadLetterBox,
  DeadLetterQuery,
  Delivery,
  EventBus,
  FailedDelivery,
  SubscribeOptions,
} from '../event-bus.port.js';

/** What one group has behind it. */
export interface GroupRecord {
  readonly start: number;
  /** Indexes in the topic's log that are handled or dead. */
  readonly handled: Set<number>;
  readonly dead: DeadLetter[];
  /** Rejected deliveries of what is not dead. */
  readonly attempts: Map<number, readonly FailedDelivery[]>;
}

/** What outlives a bus in memory: hand it to the next one to stand for a restart. */
export interface BusRecords {
  readonly logs: Map<string, BusMessage[]>;
  readonly groups: Map<string, GroupRecord>;
  /** Dead letters there ever were. */
  buried: number;
}

export interface InMemoryEventBus extends EventBus {
  /** Closes in order. */
  close(): Promise<BusRecords>;
  /** Ends as a kill does. */
  kill(): BusRecords;
}

/** Keeps every guarantee of the port except surviving the process. Looks through a topic's whole log at each step: for tests. */
export function createInMemoryEventBus(runtime: Pick<Runtime, 'clock' | 'timers'>, records?: BusRecords): InMemoryEventBus {
  return new MemoryEventBus(runtime, records);
}

export interface MemoryMember {
  readonly options: SubscribeOptions;
  inHand: number;
  onEmpty: () => void;
}

export interface MemoryGroup {
  readonly topic: string;
  readonly name: string;
  readonly log: BusMessage[];
  readonly record: GroupRecord;
  readonly members: Map<string, MemoryMember>;
  /** Lanes with a message in hand or waiting for its retry. */
  readonly busy: Set<string>;
  readonly inHand: Set<number>;
  /** Waiting for their retry. */
  readonly waiting: Map<number, Cancel>;
  readonly deliveries: Map<number, number>;
}

/** In small steps, so that a faulty bus can do one of them wrong. */
export class MemoryEventBus implements InMemoryEventBus {
  protected readonly records: BusRecords;
  protected readonly groups = new Map<string, MemoryGroup>();
  protected ended = false;

  constructor(
    protected readonly runtime: Pick<Runtime, 'clock' | 'timers'>,
    records: BusRecords = { logs: new Map(), groups: new Map(), buried: 0 },
  ) {
    this.records = copyRecords(records);
  }

  async publish(topic: string, messages: readonly BusMessage[]): Promise<void> {
    this.log(topic).push(...messages);
    for (const group of this.groups.values()) if (group.topic === topic) this.pump(group);
  }

  async subscribe(options: SubscribeOptions): Promise<BusSubscription> {
    const group = this.group(options.topic, options.group, options.start ?? 'earliest');
    const member: MemoryMember = { options, inHand: 0, onEmpty: () => {} };
    group.members.set(options.member, member);
    this.runtime.timers.soon(() => this.pump(group));
    return { close: () => this.leave(group, member) };
  }

  async members(topic: string, group: string): Promise<readonly string[]> {
    return [...(this.groups.get(groupKey(topic, group))?.members.keys() ?? [])];
  }

  async forgetMember(topic: string, name: string, member: string): Promise<void> {
    const key = groupKey(topic, name);
    if (member === '' || this.groups.get(key)?.members.has(member) === true) {
      const found = `found "${member}", expected the name of one that has left`;
      throw new TuttiError('INVALID_REQUEST', `cannot forget a member of group ${name} on ${topic}: ${found}`);
    }
    const record = this.records.groups.get(key);
    if (record !== undefined) this.forget(this.log(topic), record, member);
  }

  readonly deadLetters: DeadLetterBox = {
    list: (query = {}) => this.listDead(query),
    get: async (topic, group, offset) => (await this.listDead({ topic, group })).find((letter) => letter.offset === offset) ?? null,
    replay: (topic, group, offset) => this.replayDead(topic, group, offset),
    discard: (topic, group, offset) => this.discardDead(topic, group, offset),
  };

  protected async listDead({ topic, group, after, limit }: DeadLetterQuery): Promise<readonly DeadLetter[]> {
    if (after !== undefined && !/^\d+$/.test(after)) throw new TuttiError('INVALID_REQUEST', `"${after}" is no cursor of a dead letter`);
    const all = [...this.records.groups.values()].flatMap(({ dead }) => dead).sort((a, b) => Number(a.cursor) - Number(b.cursor));
    const wanted = all.filter(
      (letter) =>
        (topic === undefined || letter.topic === topic) &&
        (group === undefined || letter.group === group) &&
        Number(letter.cursor) > Number(after ?? 0),
    );
    return wanted.slice(0, limit);
  }

  protected async replayDead(topic: string, name: string, offset: string): Promise<boolean> {
    const key = groupKey(topic, name);
    const letter = this.takeDead(key, offset);
    const record = this.records.groups.get(key);
    if (letter === null || record === undefined) return false;
    record.handled.delete(Number(offset));
    record.attempts.set(Number(offset), letter.attempts);
    const group = this.groups.get(key);
    group?.deliveries.delete(Number(offset));
    if (group !== undefined) this.pump(group);
    return true;
  }

  protected async discardDead(topic: string, name: string, offset: string): Promise<boolean> {
    return this.takeDead(groupKey(topic, name), offset) !== null;
  }

  private takeDead(key: string, offset: string): DeadLetter | null {
    const dead = this.records.groups.get(key)?.dead ?? [];
    const index = dead.findIndex((letter) => letter.offset === offset);
    return index < 0 ? null : (dead.splice(index, 1)[0] ?? null);
  }

  async close(): Promise<BusRecords> {
    await Promise.all([...this.groups.values()].flatMap((group) => [...group.members.values()].map((member) => this.leave(group, member))));
    this.ended = true;
    return this.records;
  }

  kill(): BusRecords {
    this.ended = true;
    return this.records;
  }

  protected log(topic: string): BusMessage[] {
    const log = this.records.logs.get(topic) ?? [];
    this.records.logs.set(topic, log);
    return log;
  }

  protected group(topic: string, name: string, start: 'earliest' | 'latest'): MemoryGroup {
    const key = groupKey(topic, name);
    const log = this.log(topic);
    const record = this.records.groups.get(key) ?? {
      start: this.firstIndex(start, log),
      handled: new Set(),
      dead: [],
      attempts: new Map(),
    };
    this.records.groups.set(key, record);
    const empty = {
      busy: new Set<string>(),
      inHand: new Set<number>(),
      waiting: new Map<number, Cancel>(),
      deliveries: new Map<number, number>(),
    };
    const group = this.groups.get(key) ?? { topic, name, log, record, members: new Map(), ...empty };
    this.groups.set(key, group);
    return group;
  }

  protected forget(log: readonly BusMessage[], record: GroupRecord, member: string): void {
    log.forEach((message, index) => {
      if (message.member === member) record.handled.add(index);
    });
  }

  protected firstIndex(start: 'earliest' | 'latest', log: readonly BusMessage[]): number {
    return start === 'latest' ? log.length : 0;
  }

  /** Hands over everything that may be handed over now. */
  protected pump(group: MemoryGroup): void {
    if (this.ended || group.members.size === 0) return;
    const passedOver = new Set(group.busy);
    for (let index = group.record.start; index < group.log.length; index++) {
      const message = group.log[index];
      if (message === undefined || group.record.handled.has(index) || group.inHand.has(index) || group.waiting.has(index)) continue;
      const lane = this.laneOf(message);
      if (passedOver.has(lane)) continue;
      passedOver.add(lane);
      const member = this.memberFor(group, message);
      if (member !== undefined && this.hasRoom(member)) this.handOver(group, member, index, message);
      else if (member === undefined && this.stopsAtAbsent(group, index)) return;
    }
  }

  /** What is handled in order and one at a time. */
  protected laneOf(message: BusMessage): string {
    return JSON.stringify([message.member ?? null, message.key]);
  }

  protected memberFor(group: MemoryGroup, message: BusMessage): MemoryMember | undefined {
    if (message.member !== undefined) return group.members.get(message.member);
    const members = [...group.members.values()];
    return members.find((member) => this.hasRoom(member)) ?? members[0];
  }

  protected hasRoom(member: MemoryMember): boolean {
    return member.inHand < (member.options.concurrency ?? 64);
  }

  protected stopsAtAbsent(_group: MemoryGroup, _index: number): boolean {
    return false;
  }

  protected handOver(group: MemoryGroup, member: MemoryMember, index: number, message: BusMessage): void {
    const deliveries = (group.deliveries.get(index) ?? 0) + 1;
    group.deliveries.set(index, deliveries);
    group.inHand.add(index);
    group.busy.add(this.laneOf(message));
    member.inHand += 1;
    const delivery = this.delivery(group, index, message, deliveries);
    void Promise.resolve()
      .then(() => member.options.handle(delivery))
      .then(
        () => this.resolved(group, member, index, message),
        (error: unknown) => this.rejected(group, member, index, message, error instanceof Error ? error.message : String(error)),
      );
  }

  protected delivery(group: MemoryGroup, index: number, message: BusMessage, deliveries: number): Delivery {
    return { ...message, topic: group.topic, offset: String(index), delivery: deliveries };
  }

  protected resolved(group: MemoryGroup, member: MemoryMember, index: number, message: BusMessage): void {
    if (this.ended) return;
    group.record.handled.add(index);
    this.putDown(group, member, index);
    group.busy.delete(this.laneOf(message));
    this.pump(group);
  }

  protected rejected(group: MemoryGroup, member: MemoryMember, index: number, message: BusMessage, error: string): void {
    if (this.ended) return;
    const deliveries = group.deliveries.get(index) ?? 1;
    this.note(group, index, { delivery: deliveries, member: member.options.member, error, time: isoTime(this.runtime.clock.now()) });
    if (deliveries >= this.maxDeliveries(member)) {
      this.bury(group, index, message, error);
      this.resolved(group, member, index, message);
      return;
    }
    this.putDown(group, member, index);
    this.postpone(group, index, message, this.retryDelayMs(member, deliveries));
    this.pump(group);
  }

  protected maxDeliveries(member: MemoryMember): number {
    return member.options.maxDeliveries ?? 5;
  }

  protected retryDelayMs(member: MemoryMember, deliveries: number): number {
    return (member.options.retryDelayMs ?? 200) * 2 ** (deliveries - 1);
  }

  protected postpone(group: MemoryGroup, index: number, message: BusMessage, delayMs: number): void {
    const cancel = this.runtime.timers.after(delayMs, () => {
      group.waiting.delete(index);
      group.busy.delete(this.laneOf(message));
      this.pump(group);
    });
    group.waiting.set(index, cancel);
  }

  /** Makes the rejection a part of the message's story. */
  protected note({ record }: MemoryGroup, index: number, attempt: FailedDelivery): void {
    record.attempts.set(index, withAttempt(record.attempts.get(index) ?? [], attempt));
  }

  protected bury(group: MemoryGroup, index: number, message: BusMessage, error: string): void {
    const { topic, name, record } = group;
    const letter: DeadLetter = {
      ...message,
      ...{ topic, group: name, offset: String(index), deliveries: group.deliveries.get(index) ?? 1, error },
      ...{ time: isoTime(this.runtime.clock.now()), attempts: record.attempts.get(index) ?? [], cursor: String(++this.records.buried) },
    };
    record.dead.push(letter);
    record.attempts.delete(index);
    this.tell(letter);
  }

  /** Publishes the letter for those who must act on it. */
  protected tell(letter: DeadLetter): void {
    const message = deadLetterMessage(letter);
    if (message !== null) void this.publish(deadLetterTopic(letter.topic), [message]);
  }

  protected putDown(group: MemoryGroup, member: MemoryMember, index: number): void {
    group.inHand.delete(index);
    member.inHand -= 1;
    if (member.inHand === 0) member.onEmpty();
  }

  protected async leave(group: MemoryGroup, member: MemoryMember): Promise<void> {
    if (group.members.get(member.options.member) === member) group.members.delete(member.options.member);
    this.pump(group);
    if (member.inHand > 0) await new Promise<void>((resolve) => (member.onEmpty = resolve));
    if (group.members.size > 0) return;
    for (const cancel of group.waiting.values()) cancel();
    group.waiting.clear();
    group.busy.clear();
  }
}

function groupKey(topic: string, group: string): string {
  return JSON.stringify([topic, group]);
}

function copyRecords({ logs, groups, buried }: BusRecords): BusRecords {
  return {
    logs: new Map([...logs].map(([topic, log]) => [topic, [...log]])),
    groups: new Map(
      [...groups].map(([key, { start, handled, dead, attempts }]) => [
        key,
        { start, handled: new Set(handled), dead: [...dead], attempts: new Map(attempts) },
      ]),
    ),
    buried,
  };
}
