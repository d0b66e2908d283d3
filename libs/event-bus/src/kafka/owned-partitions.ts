import type { EachBatchPayload, Kafka, PartitionMetadata } from 'kafkajs';
import { TuttiError, type Cancel } from '@tutti/kernel';
import type { BusCore } from './bus-core.js';
import { topicEnds, type PartitionEnds } from './committed-offsets.js';
import { GroupReader } from './group-reader.js';
import { fromKafkaMessage, headerText, MEMBER_HEADER, REPLAY_GROUP_HEADER } from './kafka-message.js';
import { OffsetLedger } from './offset-ledger.js';
import { PartitionIntake, type IntakeHooks } from './partition-intake.js';
import { PartitionPauses } from './partition-pauses.js';
import { PositionWriter } from './position-writer.js';

const BEGIN_AGAIN_AFTER_MS = 1_000;
/** How far behind the position of a group that reads nothing may be. */
const PASS_OVER_EVERY_MS = 10_000;
/** A partition and a member are let go of then, written or not. */
const SETTLE_LIMIT_MS = 5_000;

export interface OwnedPartitionsOptions {
  readonly core: BusCore;
  readonly kafka: Kafka;
  readonly topic: string;
  readonly groupId: string;
  /** The group as the bus's user names it. */
  readonly group: string;
  /** Reads what is for this member, else what is for any. */
  readonly member: string | null;
  /** Nothing there is for this reader: it has its place in the group, and its position goes along with the end. */
  readonly isUnread: boolean;
  readonly partitions: (all: PartitionMetadata[]) => readonly number[];
  /** What the group has behind it in partitions that are new to this member. */
  readonly committed: (partitions: readonly number[]) => Promise<ReadonlyMap<number, OffsetLedger>>;
  readonly hooks: IntakeHooks;
  readonly onError: (error: unknown) => void;
}

/** The partitions that a member reads in one group, as they come and go. */
export class OwnedPartitions {
  readonly writer: PositionWriter;
  readonly #options: OwnedPartitionsOptions;
  readonly #reader: GroupReader;
  /** Also those that are let go of and have something in hand, and those that were lost: they know of what was done and may not have been written. */
  readonly #intakes = new Map<number, PartitionIntake>();
  readonly #leaving = new Set<PartitionIntake>();
  /** Of topics that are no more, while something of them is in hand. */
  readonly #outlived = new Set<PartitionIntake>();
  readonly #pauses: PartitionPauses;
  #assigned: readonly number[] = [];
  #full = false;
  #closed = false;
  #beginning: { readonly done: () => void; readonly failed: (error: unknown) => void } | null = null;
  /** Counts what the group decided: what was asked for before the last decision is of no use. */
  #epoch = 0;
  #cancelBegin: Cancel = () => {};
  #cancelPassingOver: Cancel = () => {};

  constructor(options: OwnedPartitionsOptions) {
    const { core, onError } = options;
    this.#options = options;
    this.#reader = new GroupReader({
      ...options,
      sink: {
        onAssigned: (partitions, anew) => this.#onAssigned(partitions, anew),
        onBatch: (payload) => this.#onBatch(payload),
        onLost: () => this.#onLost(),
        claims: () => this.#claims(),
      },
    });
    this.#pauses = new PartitionPauses(this.#reader, core.limits.maxOpen);
    const { timers } = core.runtime;
    this.writer = new PositionWriter({
      commit: (positions) => this.#reader.commit(positions),
      timers,
      everyMs: core.times.commitEveryMs,
      onError,
    });
  }

  /** Resolves when the group is joined and where it begins in its partitions is durable. */
  async start(): Promise<void> {
    const begun = new Promise<void>((done, failed) => (this.#beginning = { done, failed }));
    begun.catch(() => {});
    await this.#reader.start();
    await begun;
    if (this.#options.isUnread) this.#passOver();
  }

  has(intake: PartitionIntake): boolean {
    return this.#intakes.get(intake.partition) === intake;
  }

  reread(intake: PartitionIntake, offset: number): void {
    if (this.#intakes.get(intake.partition) === intake && intake.active) this.#reader.seek(intake.partition, offset);
  }

  /** Reads nothing more while the subscription has enough to do. */
  setFull(full: boolean): void {
    this.#full = full;
    this.#pauseAndResume();
  }

  /** Lets go of what is not in hand. */
  stopIntake(): void {
    this.#closed = true;
    this.#cancelBegin();
    this.#cancelPassingOver();
    this.#beginning?.failed(new TuttiError('SHUTTING_DOWN', `subscribing to ${this.#options.topic}: the subscription is closed`));
    for (const intake of this.#intakes.values()) {
      if (intake.active) this.#leaving.add(intake);
      intake.stop();
    }
  }

  async drained(): Promise<void> {
    await Promise.all([...this.#intakes.values(), ...this.#outlived].map((intake) => intake.drained()));
  }

  /** Counts everything below these offsets as done. */
  skip(ends: ReadonlyMap<number, number>): void {
    for (const [partition, end] of ends) {
      const intake = this.#intakes.get(partition);
      if (intake === undefined) continue;
      intake.ledger.done(0, end);
      this.onHandled(intake);
    }
  }

  /** Writes positions and leaves the group. */
  async leave(): Promise<void> {
    await this.writer.settle(SETTLE_LIMIT_MS);
    this.writer.close();
    await this.#reader.stop();
  }

  abandon(): void {
    this.stopIntake();
    this.writer.close();
    this.#reader.abandon();
  }

  /** Lets the broker's side go, where it can be reached, after {@link abandon}. */
  async disconnect(): Promise<void> {
    await this.#reader.stop();
  }

  #claims(): { readonly owned: readonly number[]; readonly busy: readonly number[] } {
    const owned = [...this.#intakes.values()].filter((intake) => intake.active || this.#leaving.has(intake));
    return {
      owned: owned.map(({ partition }) => partition),
      busy: owned.filter(({ inHand }) => inHand > 0).map(({ partition }) => partition),
    };
  }

  #onAssigned(partitions: readonly number[], anew: boolean): void {
    if (this.#closed) return;
    if (anew) this.#onLost();
    this.#epoch += 1;
    this.#assigned = partitions;
    for (const intake of [...this.#intakes.values()]) if (intake.active && !partitions.includes(intake.partition)) this.#letGo(intake);
    const gained: number[] = [];
    for (const partition of partitions) {
      const intake = this.#intakes.get(partition);
      if (intake?.active === true) this.#reader.seek(partition, intake.next);
      else gained.push(partition);
    }
    this.#pauseAndResume();
    this.#begin(gained);
  }

  /** Until they are back, or for good, nothing more is begun of them. */
  #onLost(): void {
    this.#epoch += 1;
    this.#assigned = [];
    this.#pauses.clear();
    for (const intake of this.#intakes.values()) {
      intake.stop();
      this.writer.forget(intake);
      this.#leaving.delete(intake);
    }
  }

  /** Claims a partition until what is in hand of it is done and written, so that whoever gets it goes on right behind. */
  #letGo(intake: PartitionIntake): void {
    const { core } = this.#options;
    intake.stop();
    this.#leaving.add(intake);
    let over = false;
    const release = async (): Promise<void> => {
      if (over) return;
      over = true;
      cancel();
      this.writer.changed(intake);
      const written = await this.writer.settle(SETTLE_LIMIT_MS);
      // It may have come back meanwhile, or the whole group been lost.
      if (!this.#leaving.delete(intake) || intake.active) return;
      this.writer.forget(intake);
      if (written && intake.inHand === 0) this.#intakes.delete(intake.partition);
      this.#reader.rejoin();
    };
    const cancel = core.runtime.timers.after(core.times.moveLimitMs, () => void release());
    intake.drained().then(release, () => {});
  }

  #begin(gained: readonly number[]): void {
    if (gained.length === 0) {
      this.#begun();
      return;
    }
    const { core, topic, committed, onError } = this.#options;
    const epoch = this.#epoch;
    const beginning = async (): Promise<void> => {
      const ledgers = await committed(gained);
      // Asked after the positions, which so are never beyond it, unless the topic is not the one that they speak of.
      const ends = await topicEnds(core.link, topic);
      if (epoch === this.#epoch && !this.#closed) await this.#beginWith(ledgers, ends);
    };
    beginning().then(
      () => this.#begun(),
      (error: unknown) => {
        if (this.#beginning !== null) this.#beginning.failed(error);
        else onError(error);
        this.#cancelBegin();
        this.#cancelBegin = core.runtime.timers.after(BEGIN_AGAIN_AFTER_MS, () => {
          if (epoch === this.#epoch && !this.#closed) this.#begin(gained);
        });
      },
    );
  }

  async #beginWith(ledgers: ReadonlyMap<number, OffsetLedger>, ends: PartitionEnds): Promise<void> {
    for (const [partition, ledger] of ledgers) {
      const { first = 0, end = Infinity } = ends.get(partition) ?? {};
      const known = this.#intakes.get(partition);
      if (Math.max(ledger.low, known?.ledger.low ?? 0) > end) this.#beginAt(partition, new OffsetLedger(first), true);
      else this.#beginAt(partition, ledger, false);
    }
    this.#pauseAndResume();
    // Where a group begins is durable before the subscription stands.
    if (this.#beginning !== null && !(await this.writer.settle(SETTLE_LIMIT_MS)))
      throw new Error(`the positions of group ${this.#options.groupId} could not be written`);
  }

  /** `anew` where what this member knows of the partition was said of a topic that is no more. */
  #beginAt(partition: number, ledger: OffsetLedger, anew: boolean): void {
    if (anew) this.#outlive(partition);
    const intake = this.#intakes.get(partition) ?? new PartitionIntake(partition, this.#options.hooks);
    this.#intakes.set(partition, intake);
    this.#leaving.delete(intake);
    intake.begin(ledger);
    this.#reader.seek(partition, intake.next);
    this.writer.changed(intake);
  }

  #outlive(partition: number): void {
    const { core, topic, groupId } = this.#options;
    core.log('warn', 'a topic was made anew: its messages are read from the first one that is there', { topic, partition, groupId });
    const intake = this.#intakes.get(partition);
    if (intake === undefined) return;
    intake.stop();
    this.#intakes.delete(partition);
    this.#leaving.delete(intake);
    this.writer.forget(intake);
    this.#outlived.add(intake);
    void intake.drained().then(() => this.#outlived.delete(intake));
  }

  /** What nobody reads here is behind the group all the same, so that its lag says nothing that is not so. */
  #passOver(): void {
    const { core, topic } = this.#options;
    const again = () => {
      if (!this.#closed) this.#cancelPassingOver = core.runtime.timers.after(PASS_OVER_EVERY_MS, look, 'upkeep');
    };
    const look = () => {
      topicEnds(core.link, topic)
        .then((ends) => {
          for (const intake of this.#intakes.values()) this.#passOverUntil(intake, ends.get(intake.partition)?.end ?? 0);
        })
        .then(again, again);
    };
    again();
  }

  #passOverUntil(intake: PartitionIntake, end: number): void {
    const before = intake.ledger.low;
    intake.readUpTo(end);
    if (intake.ledger.low !== before) this.writer.changed(intake);
  }

  #begun(): void {
    this.#beginning?.done();
    this.#beginning = null;
  }

  #onBatch(payload: EachBatchPayload): void {
    const { batch } = payload;
    const intake = this.#intakes.get(batch.partition);
    // What is passed over here is fetched again: reading begins with a seek.
    if (intake === undefined || !intake.active || payload.isStale()) return;
    const { topic, group, member } = this.#options;
    const first = Number(batch.firstOffset());
    if (first < intake.next) {
      // The client begins at the first message where the broker has not come as far as it asks for.
      this.#beginAt(batch.partition, new OffsetLedger(first), true);
      return;
    }
    const before = intake.ledger.low;
    for (const message of batch.messages) {
      intake.take(Number(message.offset), () => {
        if ((headerText(message.headers, MEMBER_HEADER) ?? null) !== member) return null;
        const only = headerText(message.headers, REPLAY_GROUP_HEADER);
        return only === undefined || only === group ? fromKafkaMessage(topic, batch.partition, message) : null;
      });
    }
    intake.readUpTo(Number(batch.lastOffset()) + 1);
    if (intake.ledger.low !== before) this.writer.changed(intake);
    this.#pauseAndResume();
  }

  #pauseAndResume(): void {
    this.#pauses.update(this.#intakes.values(), this.#full || this.#options.isUnread);
  }

  /** Called when messages were handled, since a partition may have room again. */
  onHandled(intake: PartitionIntake): void {
    // The position of one that is lost is another's to write.
    if (intake.active || this.#leaving.has(intake)) this.writer.changed(intake);
    if (this.#pauses.any) this.#pauseAndResume();
  }
}
