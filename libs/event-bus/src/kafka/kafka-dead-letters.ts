import { TuttiError, type JsonValue } from '@tutti/kernel';
import { deadLetterMessage, withAttempt } from '../dead-letter.js';
import { deadLetterTopic } from '../dead-letter-topic.js';
import type { DeadLetter, DeadLetterBox, DeadLetterQuery, FailedDelivery } from '../event-bus.port.js';
import type { BusCore } from './bus-core.js';
import type { Entry } from './entry.js';
import { REPLAY_GROUP_HEADER, REPLAY_OFFSET_HEADER } from './kafka-message.js';
import { LetterLog, type StoredRecord } from './letter-log.js';

const DEFAULT_LIMIT = 1_000;
/** What a record has beside the letter; its key comes with it once more. */
const LETTER_MARGIN_BYTES = 16 * 1024;
/** Of a payload that does not fit, which only others than the bus can have published. */
const CUT_CHARACTERS = 10_000;

/** The dead letters of all processes, and the stories of what may become one. */
export class KafkaDeadLetters implements DeadLetterBox {
  readonly #core: BusCore;
  readonly #log: LetterLog;
  readonly #onError: (error: unknown) => void;
  readonly #writing = new Set<Promise<unknown>>();
  /** Replays and discards of this process, one after the other. */
  #taking: Promise<unknown> = Promise.resolve();

  constructor(core: BusCore, onError: (error: unknown) => void) {
    this.#core = core;
    this.#log = new LetterLog(core);
    this.#onError = onError;
  }

  async list({ topic, group, after, limit = DEFAULT_LIMIT }: DeadLetterQuery = {}): Promise<readonly DeadLetter[]> {
    if (after !== undefined && !/^\d{1,15}$/.test(after))
      throw new TuttiError('INVALID_REQUEST', `"${after}" is no cursor of a dead letter`);
    const first = after === undefined ? -1 : Number(after);
    const letters: { readonly cursor: number; readonly letter: DeadLetter }[] = [];
    for (const record of (await this.#log.records()).values()) {
      const letter = letterOf(record);
      if (letter === null || record.cursor <= first) continue;
      if ((topic ?? letter.topic) === letter.topic && (group ?? letter.group) === letter.group)
        letters.push({ cursor: record.cursor, letter });
    }
    letters.sort((a, b) => a.cursor - b.cursor);
    return letters.slice(0, limit).map(({ letter }) => letter);
  }

  async get(topic: string, group: string, offset: string): Promise<DeadLetter | null> {
    return letterOf((await this.#log.records()).get(keyOf(topic, group, offset)));
  }

  /** Published in the request that forgets it as dead. */
  replay(topic: string, group: string, offset: string): Promise<boolean> {
    return this.#oneByOne(async () => {
      const record = (await this.#log.records()).get(keyOf(topic, group, offset));
      const letter = letterOf(record);
      if (letter === null) return false;
      if (record?.isCut === true) {
        const found = `the dead letter ${offset} of group ${group} on ${topic} has a part of its payload`;
        throw new TuttiError('INVALID_REQUEST', `${found}, expected all of it: publish the message anew, or discard the letter`);
      }
      const { id, type, key, member, payload, traceparent, attempts } = letter;
      const message = {
        ...{ id, type, key, payload, headers: { [REPLAY_GROUP_HEADER]: group, [REPLAY_OFFSET_HEADER]: offset } },
        ...(member === undefined ? {} : { member }),
        ...(traceparent === undefined ? {} : { traceparent }),
      };
      const { publisher, maxRecordBytes } = this.#core;
      await this.#log.put(keyOf(topic, group, offset), { attempts }, publisher.encode(topic, message, maxRecordBytes));
      return true;
    });
  }

  discard(topic: string, group: string, offset: string): Promise<boolean> {
    return this.#oneByOne(async () => {
      if ((await this.get(topic, group, offset)) === null) return false;
      await this.#log.put(keyOf(topic, group, offset), null);
      return true;
    });
  }

  /** Adds to the story of a message that is not dead yet; not waited for. */
  note(topic: string, group: string, entry: Entry, attempt: FailedDelivery): void {
    const key = keyOf(topic, group, entry.offset);
    const before = entry.story ?? this.#storyOf(key);
    entry.story = this.#watched(
      before.then(async (story) => {
        const attempts = withAttempt(story, attempt);
        await this.#log.put(key, { attempts }).catch(this.#onError);
        return attempts;
      }),
    );
  }

  /** A message is handled after all. */
  forget(topic: string, group: string, entry: Entry): void {
    if (entry.story === null && !entry.replayed) return;
    const before = entry.story ?? Promise.resolve();
    void this.#watched(before.then(() => this.#log.put(keyOf(topic, group, entry.offset), null).catch(this.#onError)));
  }

  /** Resolves when the letter is durable and told on the topic's dead-letter topic. */
  async bury(topic: string, group: string, entry: Entry, attempt: FailedDelivery): Promise<void> {
    const key = keyOf(topic, group, entry.offset);
    const attempts = withAttempt(await (entry.story ?? this.#storyOf(key)), attempt);
    const error = attempts.at(-1)?.error ?? attempt.error;
    const { message, offset, deliveries } = entry;
    const whole = { ...message, topic, group, offset, deliveries, error, time: attempt.time, attempts };
    const isCut = Buffer.byteLength(JSON.stringify(whole)) > this.#core.maxRecordBytes - LETTER_MARGIN_BYTES;
    const letter = isCut ? { ...whole, payload: cut(message.payload) } : whole;
    const told = deadLetterMessage({ ...letter, cursor: '' });
    const { publisher, topics, maxRecordBytes } = this.#core;
    const tellOn = deadLetterTopic(topic);
    if (told !== null) await topics.ensure(tellOn);
    await this.#log.put(
      key,
      { letter, ...(isCut ? { isCut } : {}) },
      ...(told === null ? [] : [publisher.encode(tellOn, told, maxRecordBytes)]),
    );
  }

  /** Resolves when all stories are written. */
  async flush(): Promise<void> {
    while (this.#writing.size > 0) await Promise.all(this.#writing);
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  async #storyOf(key: string): Promise<readonly FailedDelivery[]> {
    try {
      const record = (await this.#log.records()).get(key);
      return record?.attempts ?? record?.letter?.attempts ?? [];
    } catch (error) {
      this.#onError(error);
      return [];
    }
  }

  #oneByOne<T>(task: () => Promise<T>): Promise<T> {
    const next = this.#taking.then(task);
    this.#taking = next.catch(() => {});
    return next;
  }

  #watched<T>(writing: Promise<T>): Promise<T> {
    const watched = writing.finally(() => this.#writing.delete(watched));
    watched.catch(() => {});
    this.#writing.add(watched);
    return watched;
  }
}

function keyOf(topic: string, group: string, offset: string): string {
  return JSON.stringify([topic, group, offset]);
}

function cut(payload: JsonValue): string {
  return (typeof payload === 'string' ? payload : JSON.stringify(payload)).slice(0, CUT_CHARACTERS);
}

function letterOf(record: StoredRecord | undefined): DeadLetter | null {
  return record?.letter === undefined ? null : { ...record.letter, cursor: String(record.cursor) };
}
