import { TuttiError } from '@tutti/kernel';
import type { Consumer, KafkaMessage } from 'kafkajs';
import type { DeadLetter, FailedDelivery } from '../event-bus.port.js';
import { brokerFault, faultText } from './broker-fault.js';
import type { BusCore } from './bus-core.js';
import type { OutgoingRecord } from './kafka-publisher.js';

const PART = 'dead letters';

/** A dead letter, or the story of a message that is not dead (any more). */
export interface LetterRecord {
  readonly letter?: Omit<DeadLetter, 'cursor'>;
  /** The letter has the beginning of a payload that did not fit, as text. */
  readonly isCut?: boolean;
  readonly attempts?: readonly FailedDelivery[];
}

export interface StoredRecord extends LetterRecord {
  /** Offset of the record: the order in which letters were written. */
  readonly cursor: number;
}

interface Reading {
  readonly consumer: Consumer;
  readonly records: Map<string, StoredRecord>;
  /** Everything below is in `records`. */
  position: number;
  /** Fetches begun. */
  round: number;
  roundGaveSomething: boolean;
  failed: TuttiError | null;
  waiting: Waiting[];
}

interface Waiting {
  readonly until: number;
  readonly askedInRound: number;
  readonly resolve: () => void;
  readonly reject: (error: TuttiError) => void;
}

/**
 * A compacted topic of one partition that holds each dead letter under its key until it is replayed or discarded. A process that asks for one reads the topic from its
 * beginning once, keeps what is in it in memory, and follows it from then on.
 */
export class LetterLog {
  readonly #core: BusCore;
  readonly #topic: string;
  #reading: Promise<Reading> | null = null;
  #answering: Promise<unknown> = Promise.resolve();
  #nextAnswer: Promise<ReadonlyMap<string, StoredRecord>> | null = null;
  #closed = false;

  constructor(core: BusCore) {
    this.#core = core;
    this.#topic = `${core.prefix}dead-letters`;
  }

  /** All there is at the time of asking. Who asks first is answered first; who asks while another is answered shares the next answer. @throws TuttiError STORE_UNAVAILABLE */
  records(): Promise<ReadonlyMap<string, StoredRecord>> {
    if (this.#nextAnswer === null) {
      const next = this.#answering.then(() => {
        this.#nextAnswer = null;
        return this.#answer();
      });
      this.#nextAnswer = next;
      this.#answering = next.catch(() => {});
    }
    return this.#nextAnswer;
  }

  /** Null forgets it. With `more`, which goes in the same request. Resolves when all is durable. */
  async put(key: string, record: LetterRecord | null, ...more: readonly OutgoingRecord[]): Promise<void> {
    await this.#ensure();
    const value = record === null ? null : Buffer.from(JSON.stringify(record));
    const bytes = (value?.length ?? 0) + Buffer.byteLength(key) + 64;
    await this.#core.publisher.send([{ topic: this.#topic, message: { key, value }, bytes }, ...more]);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const reading = await this.#reading?.catch(() => null);
    await reading?.consumer.disconnect().catch(() => {});
  }

  async #answer(): Promise<ReadonlyMap<string, StoredRecord>> {
    if (this.#closed) throw new TuttiError('SHUTTING_DOWN', 'the event bus is closed');
    await this.#ensure();
    const [end] = await this.#core.link.ask('the end of the dead letters', (admin) => admin.fetchTopicOffsets(this.#topic));
    const reading = await (this.#reading ??= this.#read());
    await this.#reach(reading, Number(end?.high ?? 0));
    return reading.records;
  }

  #ensure(): Promise<void> {
    return this.#core.topics.ensure(this.#topic, { partitions: 1, cleanup: 'compact' });
  }

  async #read(): Promise<Reading> {
    const { client, runtime, prefix, times } = this.#core;
    const consumer = client(`${prefix}dead-letters`).consumer({
      groupId: `${prefix}dead-letters/reader-${runtime.ids.next()}`,
      sessionTimeout: times.sessionTimeoutMs,
      heartbeatInterval: times.heartbeatMs,
      maxWaitTimeInMs: times.fetchWaitMs,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 4, restartOnFailure: async () => false },
    });
    const reading: Reading = {
      ...{ consumer, records: new Map(), position: 0, round: 0, roundGaveSomething: true, failed: null, waiting: [] },
    };
    this.#listen(reading);
    try {
      await consumer.connect();
      await consumer.subscribe({ topic: this.#topic, fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatch: async ({ batch }) => batch.messages.forEach((message) => this.#apply(reading, message)),
      });
      // A close that came meanwhile has not seen it.
      if (this.#closed) throw new TuttiError('SHUTTING_DOWN', 'the event bus is closed');
      return reading;
    } catch (error) {
      this.#fail(reading, error);
      throw brokerFault('reading the dead letters', error);
    }
  }

  #listen(reading: Reading): void {
    const { consumer } = reading;
    const { CRASH, START_BATCH_PROCESS, END_BATCH_PROCESS, FETCH_START, HEARTBEAT } = consumer.events;
    consumer.on(CRASH, ({ payload }) => this.#fail(reading, payload.error));
    consumer.on(HEARTBEAT, () => this.#core.health.up(PART));
    consumer.on(START_BATCH_PROCESS, () => void (reading.roundGaveSomething = true));
    consumer.on(END_BATCH_PROCESS, ({ payload }) => {
      reading.position = Math.max(reading.position, Number(payload.lastOffset) + 1);
      settle(reading);
    });
    consumer.on(FETCH_START, () => {
      // A whole fetch that was asked for later and gave nothing has seen the end, also where the last records are compacted away.
      if (!reading.roundGaveSomething) settle(reading, reading.round);
      reading.round += 1;
      reading.roundGaveSomething = false;
    });
  }

  /** What is no letter, whoever wrote it, hides no others. */
  #apply({ records }: Reading, { key, value, offset }: KafkaMessage): void {
    const name = String(key);
    records.delete(name);
    if (value === null) return;
    const record = letterRecord(value);
    if (record === null)
      this.#core.log('warn', 'a record among the dead letters is none, and is passed over', { topic: this.#topic, offset });
    else records.set(name, { ...record, cursor: Number(offset) });
  }

  /** The next question reads from the beginning again. */
  #fail(reading: Reading, error: unknown): void {
    if (reading.failed !== null) return;
    this.#reading = null;
    reading.failed = brokerFault('reading the dead letters', error);
    for (const { reject } of reading.waiting.splice(0)) reject(reading.failed);
    reading.consumer.disconnect().catch(() => {});
    if (!this.#closed) this.#core.health.down(PART, faultText(error));
  }

  #reach(reading: Reading, until: number): Promise<void> {
    if (reading.position >= until) return Promise.resolve();
    if (reading.failed !== null) return Promise.reject(reading.failed);
    return new Promise((resolve, reject) => reading.waiting.push({ until, askedInRound: reading.round, resolve, reject }));
  }
}

function letterRecord(value: Buffer): LetterRecord | null {
  try {
    const found: unknown = JSON.parse(value.toString());
    return typeof found === 'object' && found !== null && !Array.isArray(found) ? found : null;
  } catch {
    return null;
  }
}

function settle(reading: Reading, emptyRound = -1): void {
  reading.waiting = reading.waiting.filter(({ until, askedInRound, resolve }) => {
    const reached = reading.position >= until || emptyRound > askedInRound;
    if (reached) resolve();
    return !reached;
  });
}
