import type { StatementSync } from 'node:sqlite';
import { isoTime, type Clock } from '@tutti/kernel';
import type { BusMessage, DeadLetter } from '../event-bus.port.js';
import type { BusFile } from './bus-file.js';
import { Entry, formatOffset } from './entry.js';

interface Row {
  readonly position: number;
  readonly part: number;
  readonly deliveries: number;
  readonly error: string;
  readonly time: number;
  readonly message: string;
}

/** The `dead_letters` rows of all groups. Writes belong inside a transaction of the caller's. */
export class DeadLetters {
  readonly #clock: Clock;
  readonly #put: StatementSync;
  readonly #list: StatementSync;
  readonly #take: StatementSync;
  readonly #after: StatementSync;

  constructor({ db }: BusFile, clock: Clock) {
    this.#clock = clock;
    const group = 'topic = ? AND consumer = ?';
    this.#put = db.prepare(
      'INSERT OR REPLACE INTO dead_letters (topic, consumer, position, part, deliveries, error, time, message) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#list = db.prepare(
      `SELECT position, part, deliveries, error, time, message FROM dead_letters WHERE ${group} ORDER BY seq LIMIT ?`,
    );
    this.#take = db.prepare(`DELETE FROM dead_letters WHERE ${group} AND position = ? AND part = ? RETURNING message`);
    this.#after = db.prepare(`SELECT position, part FROM dead_letters WHERE ${group} AND position > ?`);
  }

  put(topic: string, group: string, entry: Entry, error: string): void {
    const { message, position, part, deliveries } = entry;
    this.#put.run(topic, group, position, part, deliveries, error, this.#clock.now(), JSON.stringify(message));
  }

  list(topic: string, group: string, limit: number): DeadLetter[] {
    return (this.#list.all(topic, group, limit) as unknown as Row[]).map((row) => ({
      ...(JSON.parse(row.message) as BusMessage),
      topic,
      group,
      offset: formatOffset(row.position, row.part),
      deliveries: row.deliveries,
      error: row.error,
      time: isoTime(row.time),
    }));
  }

  /** Removes one and gives it as a message to be delivered afresh; null when there is none. */
  take(topic: string, group: string, position: number, part: number): Entry | null {
    const row = this.#take.get(topic, group, position, part);
    return row === undefined ? null : new Entry(JSON.parse(String(row['message'])) as BusMessage, position, part);
  }

  /** Offsets of those after a position, which the log will give once more. */
  offsetsAfter(topic: string, group: string, position: number): Set<string> {
    return new Set(this.#after.all(topic, group, position).map((row) => formatOffset(Number(row['position']), Number(row['part']))));
  }
}
