import type { StatementSync } from 'node:sqlite';
import { isoTime, TuttiError, type Clock } from '@tutti/kernel';
import type { BusMessage, DeadLetter, DeadLetterQuery, FailedDelivery } from '../event-bus.port.js';
import type { BusFile } from './bus-file.js';
import { Entry, formatOffset } from './entry.js';

interface Row {
  readonly seq: number;
  readonly topic: string;
  readonly consumer: string;
  readonly position: number;
  readonly part: number;
  readonly deliveries: number;
  readonly error: string;
  readonly time: number;
  readonly message: string;
  readonly attempts: string;
}

const COLUMNS = 'topic, consumer, position, part, deliveries, error, time, message, attempts';
const DEFAULT_LIMIT = 1_000;

/** The `dead_letters` rows of all groups. Writes belong inside a transaction of the caller's. */
export class DeadLetters {
  readonly #clock: Clock;
  readonly #put: StatementSync;
  readonly #list: StatementSync;
  readonly #get: StatementSync;
  readonly #take: StatementSync;
  readonly #discard: StatementSync;
  readonly #prune: StatementSync;
  readonly #after: StatementSync;

  constructor({ db }: BusFile, clock: Clock) {
    this.#clock = clock;
    const group = 'topic = ? AND consumer = ?';
    const one = `${group} AND position = ? AND part = ? AND discarded = 0`;
    this.#put = db.prepare(`INSERT OR REPLACE INTO dead_letters (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq, ${COLUMNS}`);
    this.#list = db.prepare(
      `SELECT seq, ${COLUMNS} FROM dead_letters WHERE seq > ?1 AND discarded = 0 AND (?2 IS NULL OR topic = ?2) AND (?3 IS NULL OR consumer = ?3) ORDER BY seq LIMIT ?4`,
    );
    this.#get = db.prepare(`SELECT seq, ${COLUMNS} FROM dead_letters WHERE ${one}`);
    this.#take = db.prepare(`DELETE FROM dead_letters WHERE ${one} RETURNING seq, ${COLUMNS}`);
    this.#discard = db.prepare(`UPDATE dead_letters SET discarded = 1, message = '' WHERE ${one}`);
    this.#prune = db.prepare(`DELETE FROM dead_letters AS d WHERE discarded = 1
      AND position <= (SELECT position FROM consumers AS c WHERE c.topic = d.topic AND c.consumer = d.consumer)`);
    this.#after = db.prepare(`SELECT position, part FROM dead_letters WHERE ${group} AND position > ?`);
  }

  put(topic: string, group: string, entry: Entry, error: string): DeadLetter {
    const { message, position, part, deliveries, attempts } = entry;
    const [text, story] = [JSON.stringify(message), JSON.stringify(attempts)];
    const row = this.#put.get(topic, group, position, part, deliveries, error, this.#clock.now(), text, story);
    return toLetter(row as unknown as Row);
  }

  /** @throws TuttiError INVALID_REQUEST for a cursor that is none */
  list({ topic, group, after, limit = DEFAULT_LIMIT }: DeadLetterQuery): DeadLetter[] {
    if (after !== undefined && !/^\d{1,15}$/.test(after))
      throw new TuttiError('INVALID_REQUEST', `"${after}" is no cursor of a dead letter`);
    return (this.#list.all(Number(after ?? 0), topic ?? null, group ?? null, limit) as unknown as Row[]).map(toLetter);
  }

  get(topic: string, group: string, position: number, part: number): DeadLetter | null {
    const row = this.#get.get(topic, group, position, part);
    return row === undefined ? null : toLetter(row as unknown as Row);
  }

  /** Removes one and gives it as a message to be delivered afresh; null when there is none. */
  take(topic: string, group: string, position: number, part: number): Entry | null {
    const row = this.#take.get(topic, group, position, part) as unknown as Row | undefined;
    if (row === undefined) return null;
    const entry = new Entry(JSON.parse(row.message) as BusMessage, position, part);
    entry.attempts = JSON.parse(row.attempts) as readonly FailedDelivery[];
    return entry;
  }

  /** False when there is none. What is discarded is not given by the log again either. */
  discard(topic: string, group: string, position: number, part: number): boolean {
    return this.#discard.run(topic, group, position, part).changes > 0;
  }

  /** Drops what was discarded and is behind its group. */
  prune(): void {
    this.#prune.run();
  }

  /** Offsets of those after a position, which the log will give once more. */
  offsetsAfter(topic: string, group: string, position: number): Set<string> {
    return new Set(this.#after.all(topic, group, position).map((row) => formatOffset(Number(row['position']), Number(row['part']))));
  }
}

function toLetter(row: Row): DeadLetter {
  return {
    ...(JSON.parse(row.message) as BusMessage),
    topic: row.topic,
    group: row.consumer,
    offset: formatOffset(row.position, row.part),
    deliveries: row.deliveries,
    error: row.error,
    time: isoTime(row.time),
    attempts: JSON.parse(row.attempts) as readonly FailedDelivery[],
    cursor: String(row.seq),
  };
}
