import type { StatementSync } from 'node:sqlite';
import type { Clock, Timers } from '@tutti/kernel';
import { BusFile } from './bus-file.js';
import { DeadLetters } from './dead-letters.js';
import { HeldMessages } from './held-messages.js';
import { StoredTopics } from './stored-topics.js';

/** Told what went wrong behind a group's back; the bus tries again by itself. */
export type OnBusError = (error: unknown, topic: string, group: string) => void;

/** Everything the bus keeps on disk. */
export interface BusStorage {
  readonly clock: Clock;
  readonly file: BusFile;
  readonly topics: StoredTopics;
  readonly held: HeldMessages;
  readonly deadLetters: DeadLetters;
  readonly positions: GroupPositions;
  readonly onError: OnBusError;
}

export function openBusStorage(path: string, runtime: { readonly clock: Clock; readonly timers: Timers }, onError: OnBusError): BusStorage {
  const file = new BusFile(path, runtime.timers);
  return {
    clock: runtime.clock,
    file,
    topics: new StoredTopics(file, runtime.clock),
    held: new HeldMessages(file),
    deadLetters: new DeadLetters(file, runtime.clock),
    positions: new GroupPositions(file),
    onError,
  };
}

class GroupPositions {
  readonly #get: StatementSync;
  readonly #set: StatementSync;
  readonly #add: StatementSync;

  constructor({ db }: BusFile) {
    this.#get = db.prepare('SELECT position FROM consumers WHERE topic = ? AND consumer = ?');
    this.#set = db.prepare('INSERT OR REPLACE INTO consumers (topic, consumer, position) VALUES (?, ?, ?)');
    this.#add = db.prepare('INSERT OR IGNORE INTO consumers (topic, consumer, position) VALUES (?, ?, ?)');
  }

  /** Null for a group that never was. */
  get(topic: string, group: string): number | null {
    const row = this.#get.get(topic, group);
    return row === undefined ? null : Number(row['position']);
  }

  /** Where a group begins; changes nothing for one that has a position. Belongs inside a transaction of the caller's. */
  add(topic: string, group: string, position: number): void {
    this.#add.run(topic, group, position);
  }

  /** Belongs inside a transaction of the caller's. */
  set(topic: string, group: string, position: number): void {
    this.#set.run(topic, group, position);
  }
}
