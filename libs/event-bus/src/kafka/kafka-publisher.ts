import { TuttiError, type Runtime } from '@tutti/kernel';
import type { Kafka, Message, Producer } from 'kafkajs';
import type { BusMessage } from '../event-bus.port.js';
import { brokerFault, faultText, isPassing, isTooLarge, isTopicGone } from './broker-fault.js';
import type { BusHealth } from './bus-health.js';
import { toKafkaMessage } from './kafka-message.js';
import type { KafkaLimits } from './kafka-options.js';
import { createPartitioner } from './partitioner.js';
import type { Topics } from './topics.js';

const MAX_MESSAGES_AT_ONCE = 5_000;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;

export interface OutgoingMessage extends BusMessage {
  /** Written beside those of CloudEvents, or instead of `ce_source`, `ce_time` and other attributes of the same name. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A record as the client takes it, for topics that hold no CloudEvents. */
export interface OutgoingRecord {
  readonly topic: string;
  readonly message: Message;
  readonly bytes: number;
}

export interface KafkaPublisherOptions {
  readonly kafka: Kafka;
  readonly topics: Topics;
  readonly runtime: Pick<Runtime, 'clock' | 'timers'>;
  readonly source: string;
  readonly limits: KafkaLimits;
  readonly giveUpAfterMs: number;
  readonly health: BusHealth;
}

interface Publication {
  left: number;
  settled: boolean;
  readonly resolve: () => void;
  readonly reject: (error: TuttiError) => void;
}

interface Queued {
  readonly record: OutgoingRecord;
  readonly publication: Publication;
}

/**
 * One idempotent producer (`acks=all`) with one request under way: what is published meanwhile goes with the next, in the order it came. A request that
 * fails is sent again, before all others, by a new producer: the old one might take the next messages for repeats of those whose answer it missed.
 */
export class KafkaPublisher {
  readonly #options: KafkaPublisherOptions;
  readonly #queue: Queued[] = [];
  #queuedBytes = 0;
  #producer: Promise<Producer> | null = null;
  #sending = false;
  #closed = false;
  #abandoned = false;
  #onIdle: (() => void) | null = null;
  #cancelWait: (() => void) | null = null;

  constructor(options: KafkaPublisherOptions) {
    this.#options = options;
  }

  /**
   * Resolves when every message is durable. When it rejects with STORE_UNAVAILABLE, some may be there, or get there yet.
   * @throws TuttiError PAYLOAD_TOO_LARGE, OVERLOADED when too much waits to be sent, STORE_UNAVAILABLE (retryable) when the broker stays away, SHUTTING_DOWN
   */
  async publish(topic: string, messages: readonly OutgoingMessage[]): Promise<void> {
    const records = messages.map((message) => this.encode(topic, message));
    if (records.length === 0) return;
    await this.#options.topics.ensure(topic);
    await this.send(records);
  }

  /** @throws TuttiError PAYLOAD_TOO_LARGE */
  encode(topic: string, message: OutgoingMessage, maxBytes = this.#options.limits.maxMessageBytes): OutgoingRecord {
    const { source, runtime } = this.#options;
    return { topic, ...toKafkaMessage(topic, message, { source, nowMs: runtime.clock.now(), maxBytes, headers: message.headers }) };
  }

  /** As {@link publish}, to topics that are there. */
  send(records: readonly OutgoingRecord[]): Promise<void> {
    if (this.#closed) return Promise.reject(new TuttiError('SHUTTING_DOWN', 'the event bus is closed'));
    const bytes = records.reduce((sum, record) => sum + record.bytes, 0);
    const { maxQueuedBytes } = this.#options.limits;
    if (this.#queue.length > 0 && this.#queuedBytes + bytes > maxQueuedBytes) {
      const found = `${this.#queuedBytes} bytes wait to be sent to Kafka and ${bytes} more came`;
      return Promise.reject(new TuttiError('OVERLOADED', `${found}, expected at most ${maxQueuedBytes}`));
    }
    return new Promise((resolve, reject) => {
      const publication = this.#publication(records.length, resolve, reject);
      for (const record of records) this.#queue.push({ record, publication });
      this.#queuedBytes += bytes;
      void this.#sendAll();
    });
  }

  /** Sends what waits, within the limit of its publications, then lets go of the connection. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#sending) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    await this.#dropProducer();
  }

  /** As a kill does. */
  abandon(): void {
    this.#closed = true;
    this.#abandoned = true;
    this.#queue.length = 0;
    this.#cancelWait?.();
    void this.#dropProducer();
  }

  #publication(count: number, resolve: () => void, reject: (error: Error) => void): Publication {
    const { runtime, giveUpAfterMs, health } = this.#options;
    let last: Publication | null = null;
    const cancel = runtime.timers.after(giveUpAfterMs, () => {
      const reason = health.now().faults.find(({ part }) => part === 'publishing')?.reason ?? `no answer within ${giveUpAfterMs} ms`;
      last?.reject(new TuttiError('STORE_UNAVAILABLE', `publishing: the broker of Kafka did not do it: ${reason}`, { retryable: true }));
    });
    const settle = () => {
      cancel();
      if (last !== null) last.settled = true;
    };
    last = {
      left: count,
      settled: false,
      resolve: () => (settle(), resolve()),
      reject: (error) => (settle(), reject(error)),
    };
    return last;
  }

  async #sendAll(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    // What is published in the same turn, like a batch for several topics, goes in one request.
    await new Promise<void>((resolve) => this.#options.runtime.timers.soon(resolve));
    for (let batch = this.#next(); batch.length > 0; batch = this.#next()) await this.#sendUntilDone(batch);
    this.#sending = false;
    this.#onIdle?.();
  }

  #next(): readonly Queued[] {
    let bytes = 0;
    let count = 0;
    for (const { record } of this.#queue) {
      bytes += record.bytes;
      if (count > 0 && (bytes > this.#options.limits.maxMessageBytes || count >= MAX_MESSAGES_AT_ONCE)) break;
      count += 1;
    }
    const batch = this.#queue.splice(0, count);
    for (const { record } of batch) this.#queuedBytes -= record.bytes;
    return batch;
  }

  async #sendUntilDone(batch: readonly Queued[]): Promise<void> {
    const { health, runtime, topics } = this.#options;
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      const wanted = batch.filter(({ publication }) => !publication.settled);
      if (wanted.length === 0 || this.#abandoned) return;
      try {
        await this.#sendOnce(wanted);
        health.up('publishing');
        for (const { publication } of wanted) if (--publication.left === 0) publication.resolve();
        return;
      } catch (error) {
        void this.#dropProducer();
        if (!isPassing(error)) return this.#refused(wanted, error);
        health.down('publishing', faultText(error));
        if (isTopicGone(error)) await topics.makeAnew(new Set(wanted.map(({ record }) => record.topic))).catch(() => {});
        await new Promise<void>((resolve) => (this.#cancelWait = stoppable(runtime, waitMs, resolve)));
      }
    }
  }

  /** What is refused for good takes nothing with it that only went in the same request, nor in the same batch where that was too large. */
  async #refused(wanted: readonly Queued[], error: unknown): Promise<void> {
    const publications = [...new Set(wanted.map(({ publication }) => publication))];
    if (publications.length > 1) {
      for (const one of publications) await this.#sendUntilDone(wanted.filter(({ publication }) => publication === one));
    } else if (wanted.length > 1 && isTooLarge(error)) {
      for (const one of wanted) await this.#sendUntilDone([one]);
    } else {
      publications[0]?.reject(brokerFault(`publishing to ${topicsOf(wanted)}`, error));
    }
  }

  async #sendOnce(wanted: readonly Queued[]): Promise<void> {
    const byTopic = new Map<string, Message[]>();
    for (const { record } of wanted) {
      const messages = byTopic.get(record.topic) ?? [];
      messages.push(record.message);
      byTopic.set(record.topic, messages);
    }
    const producer = await (this.#producer ??= this.#connect());
    await producer.sendBatch({ acks: -1, topicMessages: [...byTopic].map(([topic, messages]) => ({ topic, messages })) });
  }

  async #connect(): Promise<Producer> {
    const producer = this.#options.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner,
      // As few as still bridge a change of leaders: what lasts longer is tried anew by a new producer.
      retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 3 },
    });
    try {
      await producer.connect();
      return producer;
    } catch (error) {
      producer.disconnect().catch(() => {});
      throw error;
    }
  }

  async #dropProducer(): Promise<void> {
    const connecting = this.#producer;
    this.#producer = null;
    const producer = await connecting?.catch(() => null);
    await producer?.disconnect().catch(() => {});
  }
}

function stoppable({ timers }: Pick<Runtime, 'timers'>, waitMs: number, resolve: () => void): () => void {
  const cancel = timers.after(waitMs, resolve);
  return () => {
    cancel();
    resolve();
  };
}

function topicsOf(queued: readonly Queued[]): string {
  return [...new Set(queued.map(({ record }) => record.topic))].join(', ');
}
