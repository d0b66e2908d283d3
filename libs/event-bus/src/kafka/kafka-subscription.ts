import type { BusSubscription, SubscribeOptions } from '../event-bus.port.js';
import type { BusCore } from './bus-core.js';
import { committedLedgers, topicEnds } from './committed-offsets.js';
import type { DeliveryCounts } from './delivery-counts.js';
import { Dispatcher } from './dispatcher.js';
import type { Entry } from './entry.js';
import { groupId, memberGroupId } from './group-names.js';
import type { KafkaDeadLetters } from './kafka-dead-letters.js';
import { OffsetLedger } from './offset-ledger.js';
import { OwnedPartitions } from './owned-partitions.js';
import type { IntakeHooks, PartitionIntake } from './partition-intake.js';
import { partitionOfMember } from './partitioner.js';

export interface SubscriptionParts {
  readonly core: BusCore;
  readonly letters: KafkaDeadLetters;
  readonly counts: DeliveryCounts;
  /** All messages of the topic name a member. */
  readonly isAddressed: boolean;
  readonly onError: (error: unknown) => void;
}

/**
 * A member's subscription: its share of what is for any member, in the consumer group of all, and what names it, in a consumer group of its own. So what is for a
 * member waits for that member and for nothing else, and the coming and going of others does not touch it.
 */
export class KafkaSubscription implements BusSubscription {
  readonly options: SubscribeOptions;
  readonly #parts: SubscriptionParts;
  readonly #dispatcher: Dispatcher;
  readonly #forAny: OwnedPartitions;
  readonly #forMember: OwnedPartitions;
  #waiting = 0;
  #full = false;
  #closing: Promise<void> | null = null;
  #leaving = false;
  #abandoned = false;

  constructor(options: SubscribeOptions, parts: SubscriptionParts) {
    const { core, letters, counts, isAddressed, onError } = parts;
    const { topic, group, member } = options;
    this.options = options;
    this.#parts = parts;
    this.#dispatcher = new Dispatcher(options, core.runtime, {
      onDone: (entry, intake, dead) => this.#done(entry, intake, dead),
      onReread: (intake, offset) => this.#ownerOf(intake).reread(intake, offset),
      onRejected: (entry, attempt) => letters.note(topic, group, entry, attempt),
      bury: (entry, attempt) => letters.bury(topic, group, entry, attempt),
      onError,
    });
    const kafka = core.client(member);
    const all = groupId(core.prefix, topic, group);
    const own = memberGroupId(core.prefix, topic, group, member);
    const hooks = (id: string): IntakeHooks => ({
      onReady: (lane) => this.#dispatcher.ready(lane),
      onCount: (change) => this.#counted(change),
      onDropped: (entry) => {
        // Whoever subscribes anew does not wait for what this one waited for.
        if (this.#leaving) entry.retryAtMs = 0;
        counts.remember(id, entry);
      },
      onTaken: (entry) => counts.recall(id, entry),
      maxBehindRetry: core.limits.maxBehindRetry,
    });
    const shared = { core, kafka, topic, group, onError };
    this.#forAny = new OwnedPartitions({
      ...shared,
      groupId: all,
      member: null,
      isUnread: isAddressed,
      partitions: (known) => known.map(({ partitionId }) => partitionId),
      committed: (partitions) => this.#committed(all, partitions),
      hooks: hooks(all),
    });
    this.#forMember = new OwnedPartitions({
      ...shared,
      groupId: own,
      member,
      isUnread: false,
      partitions: (known) => [partitionOfMember(topic, member, known)],
      committed: (partitions) => this.#committedOfMember(all, own, partitions),
      hooks: hooks(own),
    });
  }

  get closing(): Promise<void> | null {
    return this.#closing;
  }

  /** @throws TuttiError STORE_UNAVAILABLE */
  async start(): Promise<void> {
    // The member's own group begins where the group of all did, which must have begun.
    await this.#forAny.start();
    await this.#forMember.start();
  }

  close(): Promise<void> {
    this.#leaving = true;
    return (this.#closing ??= this.#close());
  }

  /** While it closes: what is for the member and not handled by now is dropped. */
  async forget(): Promise<void> {
    const ends = await topicEnds(this.#parts.core.link, this.options.topic);
    this.#forMember.skip(new Map([...ends].map(([partition, { end }]) => [partition, end])));
  }

  /** As a kill does: hands over nothing more and writes nothing. */
  abandon(): void {
    this.#abandoned = true;
    for (const owned of this.#owned()) owned.abandon();
  }

  async disconnect(): Promise<void> {
    await Promise.all(this.#owned().map((owned) => owned.disconnect()));
  }

  async #close(): Promise<void> {
    for (const owned of this.#owned()) owned.stopIntake();
    await Promise.all(this.#owned().map((owned) => owned.drained()));
    if (this.#abandoned) return;
    await this.#parts.letters.flush();
    await Promise.all(this.#owned().map((owned) => owned.leave()));
  }

  #done(entry: Entry, intake: PartitionIntake, dead: boolean): void {
    if (this.#abandoned) return;
    const { topic, group } = this.options;
    const owner = this.#ownerOf(intake);
    owner.onHandled(intake);
    if (dead) void owner.writer.flush();
    else this.#parts.letters.forget(topic, group, entry);
  }

  #owned(): readonly OwnedPartitions[] {
    return [this.#forAny, this.#forMember];
  }

  #ownerOf(intake: PartitionIntake): OwnedPartitions {
    return this.#forMember.has(intake) ? this.#forMember : this.#forAny;
  }

  #counted(change: number): void {
    this.#waiting += change;
    const { maxWaiting } = this.#parts.core.limits;
    const full = this.#waiting >= (this.#full ? maxWaiting / 2 : maxWaiting);
    if (full === this.#full) return;
    this.#full = full;
    for (const owned of this.#owned()) owned.setFull(full);
  }

  async #committed(id: string, partitions: readonly number[]): Promise<ReadonlyMap<number, OffsetLedger>> {
    const { topic, start = 'earliest' } = this.options;
    const { link } = this.#parts.core;
    const known = await committedLedgers(link, id, topic);
    const ends = partitions.every((partition) => known.has(partition)) ? null : await topicEnds(link, topic);
    const begin = (partition: number) => new OffsetLedger(ends?.get(partition)?.[start === 'latest' ? 'end' : 'first'] ?? 0);
    return new Map(partitions.map((partition) => [partition, known.get(partition) ?? begin(partition)]));
  }

  async #committedOfMember(all: string, own: string, partitions: readonly number[]): Promise<ReadonlyMap<number, OffsetLedger>> {
    const { link } = this.#parts.core;
    const known = await committedLedgers(link, own, this.options.topic);
    const group = partitions.every((partition) => known.has(partition)) ? null : await committedLedgers(link, all, this.options.topic);
    return new Map(partitions.map((partition) => [partition, known.get(partition) ?? new OffsetLedger(group?.get(partition)?.start ?? 0)]));
  }
}
