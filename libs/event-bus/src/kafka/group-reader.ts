import { TuttiError, type Cancel } from '@tutti/kernel';
import type { Consumer, EachBatchPayload, Kafka, PartitionMetadata } from 'kafkajs';
import { Pace } from '../pace.js';
import { brokerFault, faultText, isPassing, isTopicGone } from './broker-fault.js';
import type { BusCore } from './bus-core.js';
import { cooperativeAssigner } from './cooperative-assigner.js';
import type { MemberClaims } from './partition-shares.js';

const AGAIN_AFTER_MS = 500;
const LONGEST_WAIT_MS = 2_000;
/** Messages that come thick are fetched together: so often at most, once so many fetches were not apart by that. */
const FETCH_EVERY_MS = 10;
const FETCHES_AT_ONCE = 10;
/** A commit and a leave are not waited for longer when nobody answers. */
const STOP_LIMIT_MS = 5_000;

export interface ReaderSink {
  /** The group has made up its mind anew. `anew` when this member was not known to it any more, so that others may have read its partitions. */
  readonly onAssigned: (partitions: readonly number[], anew: boolean) => void;
  readonly onBatch: (payload: EachBatchPayload) => void;
  /** The group takes this member for gone, or will. */
  readonly onLost: () => void;
  readonly claims: () => Omit<MemberClaims, 'id' | 'generation'>;
}

export interface GroupReaderOptions {
  readonly core: BusCore;
  readonly kafka: Kafka;
  readonly topic: string;
  readonly groupId: string;
  /** Which of the topic's partitions the group reads. */
  readonly partitions: (all: PartitionMetadata[]) => readonly number[];
  readonly sink: ReaderSink;
}

export interface Position {
  readonly partition: number;
  readonly offset: number;
  readonly metadata: string;
}

/** A member's place in one consumer group: joins, says that it is there, reads, writes positions; joins anew by itself when it was thrown out or the broker was away. */
export class GroupReader {
  readonly #options: GroupReaderOptions;
  #consumer: Consumer | null = null;
  #memberId: string | null = null;
  #generation = -1;
  #heardMs = 0;
  #rejoin = false;
  #topicIsGone = false;
  #stopped = false;
  readonly #pace: Pace;
  #isFirstOfFetch = false;
  #cancel: Cancel = () => {};
  #cancelWatch: Cancel = () => {};

  constructor(options: GroupReaderOptions) {
    this.#options = options;
    this.#pace = new Pace(options.core.runtime.clock, FETCH_EVERY_MS, FETCHES_AT_ONCE);
  }

  /** Resolves once it has joined. @throws TuttiError STORE_UNAVAILABLE when it has not within the limit */
  async start(): Promise<void> {
    const { core, topic, groupId } = this.#options;
    const until = core.runtime.clock.monotonic() + core.times.giveUpAfterMs;
    for (;;) {
      const failure = await this.#join();
      if (failure === null) break;
      this.#refuseWhenStopped();
      if (!isPassing(failure) || core.runtime.clock.monotonic() >= until) {
        this.#stopped = true;
        throw brokerFault(`joining group ${groupId} on ${topic}`, failure);
      }
      await new Promise<void>((resolve) => (this.#cancel = core.runtime.timers.after(AGAIN_AFTER_MS, resolve)));
    }
    this.#watch();
  }

  /** Makes the group distribute its partitions anew. */
  rejoin(): void {
    this.#rejoin = true;
  }

  seek(partition: number, offset: number): void {
    this.#consumer?.seek({ topic: this.#options.topic, partition, offset: String(offset) });
  }

  pause(partitions: readonly number[]): void {
    this.#consumer?.pause([{ topic: this.#options.topic, partitions: [...partitions] }]);
  }

  resume(partitions: readonly number[]): void {
    this.#consumer?.resume([{ topic: this.#options.topic, partitions: [...partitions] }]);
  }

  async commit(positions: readonly Position[]): Promise<void> {
    const consumer = this.#consumer;
    if (consumer === null) throw new Error(`the consumer of group ${this.#options.groupId} is not running`);
    const { topic } = this.#options;
    await consumer.commitOffsets(
      positions.map(({ partition, offset, metadata }) => ({ topic, partition, offset: String(offset), metadata })),
    );
  }

  /** Leaves the group. */
  async stop(): Promise<void> {
    this.abandon();
    const { core, groupId } = this.#options;
    const consumer = this.#consumer;
    this.#consumer = null;
    core.health.forget(groupId);
    if (consumer === null) return;
    const left = consumer.disconnect().catch(() => {});
    let cancel: Cancel = () => {};
    await Promise.race([left, new Promise<void>((resolve) => (cancel = core.runtime.timers.after(STOP_LIMIT_MS, resolve)))]);
    cancel();
  }

  /** Joins no more, as after a kill. */
  abandon(): void {
    this.#stopped = true;
    this.#cancel();
    this.#cancelWatch();
  }

  /** Null once it has joined, else why it has not. */
  async #join(): Promise<unknown> {
    this.#refuseWhenStopped();
    const { core, kafka, topic, groupId, partitions, sink } = this.#options;
    if (this.#topicIsGone) {
      const failure = await core.topics.makeAnew([topic]).then(
        () => null,
        (error: unknown) => error,
      );
      if (failure !== null) return failure;
      this.#topicIsGone = false;
      this.#refuseWhenStopped();
    }
    const { sessionTimeoutMs, heartbeatMs, fetchWaitMs } = core.times;
    const claims = () => ({ ...sink.claims(), generation: this.#generation });
    const consumer = kafka.consumer({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: sessionTimeoutMs,
      heartbeatInterval: heartbeatMs,
      maxWaitTimeInMs: fetchWaitMs,
      allowAutoTopicCreation: false,
      partitionAssigners: [cooperativeAssigner({ topic, partitions, claims })],
      // A consumer that gives up is made anew here, as another member.
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 4, restartOnFailure: async () => false },
    });
    this.#consumer = consumer;
    const joined = new Promise<unknown>((resolve) => {
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        if (this.#consumer !== consumer) return;
        this.#joined(payload.memberId, payload.memberAssignment[topic] ?? []);
        resolve(null);
      });
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        resolve(payload.error);
        if (this.#consumer === consumer) this.#crashed(payload.error);
      });
    });
    consumer.on(consumer.events.HEARTBEAT, ({ payload }) => {
      this.#generation = payload.groupGenerationId;
      this.#heard();
    });
    consumer.on(consumer.events.FETCH_START, () => {
      this.#isFirstOfFetch = true;
      this.#rejoinWhereAsked();
    });
    try {
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      this.#refuseWhenStopped();
      const running = consumer.run({ autoCommit: false, eachBatch: (payload) => this.#batch(consumer, payload) });
      running.catch(() => {});
      const failure = await joined;
      // Until then positions would be let fall without a word.
      if (failure === null) await running;
      this.#refuseWhenStopped();
      return failure;
    } catch (error) {
      this.#topicIsGone = isTopicGone(error);
      consumer.disconnect().catch(() => {});
      return error;
    }
  }

  /** A consumer that joins when it was told to leave has not heard it. */
  #refuseWhenStopped(): void {
    if (this.#stopped) throw new TuttiError('SHUTTING_DOWN', `subscribing to ${this.#options.topic}: the event bus is closed`);
  }

  /** The client fetches again once it resolves. */
  async #batch(consumer: Consumer, payload: EachBatchPayload): Promise<void> {
    if (this.#consumer !== consumer || this.#stopped) return;
    this.#options.sink.onBatch(payload);
    if (!this.#isFirstOfFetch) return;
    this.#isFirstOfFetch = false;
    const waitMs = this.#pace.nextInMs();
    if (waitMs > 0) await new Promise<void>((resolve) => this.#options.core.runtime.timers.after(waitMs, resolve));
  }

  #joined(memberId: string, partitions: readonly number[]): void {
    const anew = this.#memberId !== memberId;
    this.#memberId = memberId;
    this.#heard();
    if (!this.#stopped) this.#options.sink.onAssigned(partitions, anew);
  }

  #heard(): void {
    const { core, groupId } = this.#options;
    this.#heardMs = core.runtime.clock.monotonic();
    core.health.up(groupId);
  }

  /**
   * The client has no call for this, so it is told what the broker would tell it. It listens to what it throws at itself from the listeners of a fetch that begins.
   */
  #rejoinWhereAsked(): void {
    if (!this.#rejoin || this.#stopped) return;
    this.#rejoin = false;
    throw Object.assign(new Error('partitions were let go of'), { type: 'REBALANCE_IN_PROGRESS' });
  }

  #crashed(error: unknown): void {
    const { core, groupId, sink } = this.#options;
    this.#topicIsGone = isTopicGone(error);
    if (this.#memberId === null) return;
    this.#consumer = null;
    this.#memberId = null;
    this.#rejoin = false;
    if (this.#stopped) return;
    core.health.down(groupId, faultText(error));
    sink.onLost();
    this.#joinAgain(AGAIN_AFTER_MS);
  }

  #joinAgain(waitMs: number): void {
    this.#cancel = this.#options.core.runtime.timers.after(waitMs, () => {
      this.#join().then(
        (failure) => {
          if (failure !== null && !this.#stopped && this.#memberId === null) this.#joinAgain(Math.min(waitMs * 2, LONGEST_WAIT_MS));
        },
        () => {},
      );
    });
  }

  /** Says when nothing has been heard of the group for so long that it may take this member for gone. */
  #watch(): void {
    const { core, groupId } = this.#options;
    const { heartbeatMs, sessionTimeoutMs } = core.times;
    this.#cancelWatch = core.runtime.timers.after(
      heartbeatMs,
      () => {
        const silentMs = core.runtime.clock.monotonic() - this.#heardMs;
        if (silentMs > sessionTimeoutMs / 2 + heartbeatMs)
          core.health.down(groupId, `no answer to a sign of life for ${Math.round(silentMs)} ms`);
        this.#watch();
      },
      'upkeep',
    );
  }
}
