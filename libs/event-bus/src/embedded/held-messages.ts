import type { StatementSync } from 'node:sqlite';
import type { BusMessage, FailedDelivery } from '../event-bus.port.js';
import type { BusFile } from './bus-file.js';
import { Entry } from './entry.js';

/** Member of messages that any member may take. */
export const ANYONE = '';

interface Row {
  readonly position: number;
  readonly part: number;
  readonly deliveries: number;
  readonly message: string;
  readonly attempts: string;
}

/** The `held` rows of all groups. Writes belong inside a transaction of the caller's. */
export class HeldMessages {
  readonly #put: StatementSync;
  readonly #drop: StatementSync;
  readonly #dropAfter: StatementSync;
  readonly #dropOfMember: StatementSync;
  readonly #ofMember: StatementSync;
  readonly #ofKey: StatementSync;
  readonly #members: StatementSync;

  constructor({ db }: BusFile) {
    const group = 'topic = ? AND consumer = ?';
    this.#put = db.prepare(
      'INSERT OR REPLACE INTO held (topic, consumer, member, position, part, key, deliveries, message, attempts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#drop = db.prepare(`DELETE FROM held WHERE ${group} AND member = ? AND position = ? AND part = ?`);
    this.#dropAfter = db.prepare(`DELETE FROM held WHERE ${group} AND position > ?`);
    this.#dropOfMember = db.prepare(`DELETE FROM held WHERE ${group} AND member = ?`);
    this.#ofMember = db.prepare(`SELECT position, part, deliveries, message, attempts FROM held
      WHERE ${group} AND member = ? AND (position, part) > (?, ?) ORDER BY position, part LIMIT ?`);
    this.#ofKey = db.prepare(`SELECT position, part, deliveries, message, attempts FROM held
      WHERE ${group} AND member = ? AND key = ? ORDER BY position, part LIMIT ?`);
    this.#members = db.prepare(`SELECT DISTINCT member FROM held WHERE ${group}`);
    // Deliveries are counted within one process.
    db.exec('UPDATE held SET deliveries = 0 WHERE deliveries > 0');
  }

  put(topic: string, group: string, entry: Entry): void {
    const { message, position, part, deliveries, attempts } = entry;
    const story = JSON.stringify(attempts);
    this.#put.run(topic, group, message.member ?? ANYONE, position, part, message.key, deliveries, JSON.stringify(message), story);
  }

  drop(topic: string, group: string, entry: Entry): void {
    this.#drop.run(topic, group, entry.message.member ?? ANYONE, entry.position, entry.part);
  }

  dropAfter(topic: string, group: string, position: number): void {
    this.#dropAfter.run(topic, group, position);
  }

  dropOfMember(topic: string, group: string, member: string): void {
    this.#dropOfMember.run(topic, group, member);
  }

  ofMember(
    topic: string,
    group: string,
    member: string,
    after: { readonly position: number; readonly part: number },
    limit: number,
  ): Entry[] {
    return (this.#ofMember.all(topic, group, member, after.position, after.part, limit) as unknown as Row[]).map(toEntry);
  }

  ofKey(topic: string, group: string, member: string, key: string, limit: number): Entry[] {
    return (this.#ofKey.all(topic, group, member, key, limit) as unknown as Row[]).map(toEntry);
  }

  /** Members that something waits for. */
  members(topic: string, group: string): string[] {
    return this.#members.all(topic, group).map((row) => String(row['member']));
  }
}

function toEntry(row: Row): Entry {
  const entry = new Entry(JSON.parse(row.message) as BusMessage, row.position, row.part);
  entry.deliveries = row.deliveries;
  entry.attempts = JSON.parse(row.attempts) as readonly FailedDelivery[];
  entry.held = true;
  return entry;
}
