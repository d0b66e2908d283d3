import { isoTime, type Cancel, type Timers } from '@tutti/kernel';
import { deadLetterMessage, withAttempt } from '../dead-letter.js';
import { deadLetterTopic } from '../dead-letter-topic.js';
import type { BusStorage } from './bus-storage.js';
import { EntryList, type Entry } from './entry.js';

/** Positions are written at most this often. */
const FLUSH_MS = 50;
/** Rows that wait to be written are written at once when there are this many. */
const FLUSH_ROWS = 500;
/** Nothing more is read while this many rows could not be written. */
const MAX_UNWRITTEN_ROWS = 2_000;

/**
 * What a group has behind it. The position is the low-water mark of what is neither handled nor held nor dead; it, new held rows and
 * dropped ones go to disk together, so that after a crash every message is at least in one place: the log after the position, or a row.
 */
export class GroupLedger {
  readonly #storage: BusStorage;
  readonly #timers: Timers;
  readonly #topic: string;
  readonly #group: string;
  readonly #unhandled = new EntryList();
  #toHold: Entry[] = [];
  #toDrop: Entry[] = [];
  #cancelFlush: Cancel | null = null;
  #closed = false;
  #read: number;
  #written: number;
  /** Dead, but after the written position: the log gives them again after a crash. */
  readonly #alreadyDead: Set<string>;

  constructor(storage: BusStorage, timers: Timers, topic: string, group: string, position: number) {
    this.#storage = storage;
    this.#timers = timers;
    this.#topic = topic;
    this.#group = group;
    this.#read = position;
    this.#written = position;
    this.#alreadyDead = storage.deadLetters.offsetsAfter(topic, group, position);
    // Rows after the position are copies of what the log gives again; kept, they would come before older messages of their key.
    storage.file.lazily(() => storage.held.dropAfter(topic, group, position));
  }

  /** Everything at or below it was taken. */
  get readPosition(): number {
    return this.#read;
  }

  /** Whether reading on must wait until rows can be written. */
  get full(): boolean {
    return this.#toHold.length >= MAX_UNWRITTEN_ROWS;
  }

  isDead(entry: Entry): boolean {
    return this.#alreadyDead.size > 0 && this.#alreadyDead.has(entry.offset);
  }

  readUpTo(position: number): void {
    if (position <= this.#read) return;
    this.#read = position;
    this.#armFlush();
  }

  /** Holds the position back until it is handled or held. */
  track(entry: Entry): void {
    this.#unhandled.append(entry);
  }

  handled(entry: Entry): void {
    entry.done = true;
    this.#unhandled.remove(entry);
    if (entry.held) this.#toDrop.push(entry);
    this.#armFlush();
  }

  /** Gives it a row, so that the position may move past it. */
  hold(entry: Entry): void {
    entry.held = true;
    this.#unhandled.remove(entry);
    this.#toHold.push(entry);
    if (this.#toHold.length >= FLUSH_ROWS && this.#toHold.length % FLUSH_ROWS === 0) this.flush();
    else this.#armFlush();
  }

  /** Makes the rejection a part of the entry's story. */
  rejected(entry: Entry, member: string, error: string): void {
    const time = isoTime(this.#storage.clock.now());
    entry.attempts = withAttempt(entry.attempts, { delivery: entry.deliveries, member, error, time });
  }

  /** Brings the entry's row up to its story. */
  renew(entry: Entry): void {
    if (entry.held) this.#toHold.push(entry);
    this.#armFlush();
  }

  /** Resolves when the dead letter is durable. */
  async bury(entry: Entry, error: string): Promise<void> {
    const { file, deadLetters, held, topics } = this.#storage;
    const told = deadLetterTopic(this.#topic);
    await file.durably(() => {
      const letter = deadLetters.put(this.#topic, this.#group, entry, error);
      held.drop(this.#topic, this.#group, entry);
      const message = deadLetterMessage(letter);
      if (message !== null) topics.put(told, message);
    });
    topics.wake(told);
    entry.done = true;
    this.#unhandled.remove(entry);
    this.#armFlush();
  }

  /** Lets go of what was to get a row for a member that is not there; the rows there are go with the caller's transaction. */
  forget(member: string): void {
    this.#toHold = this.#toHold.filter((entry) => entry.message.member !== member);
  }

  membersWithHeld(): string[] {
    return this.#storage.held.members(this.#topic, this.#group);
  }

  /** Null when the file cannot be written now; try again later. */
  heldOfMember(member: string, after: { readonly position: number; readonly part: number }, limit: number): Entry[] | null {
    return this.flush() ? this.#storage.held.ofMember(this.#topic, this.#group, member, after, limit) : null;
  }

  /** Null when the file cannot be written now; try again later. */
  heldOfKey(member: string, key: string, limit: number): Entry[] | null {
    return this.flush() ? this.#storage.held.ofKey(this.#topic, this.#group, member, key, limit) : null;
  }

  /** False when it failed; what was to be written stays in memory and is tried again. */
  flush(): boolean {
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    const position = this.#unhandled.first === null ? this.#read : Math.min(this.#read, this.#unhandled.first.position - 1);
    if (this.#toHold.length === 0 && this.#toDrop.length === 0 && position <= this.#written) return true;
    const { file, held, positions } = this.#storage;
    try {
      file.lazily(() => {
        for (const entry of this.#toHold) if (!entry.done) held.put(this.#topic, this.#group, entry);
        for (const entry of this.#toDrop) held.drop(this.#topic, this.#group, entry);
        if (position > this.#written) positions.set(this.#topic, this.#group, position);
      });
    } catch (error) {
      this.#storage.onError(error, this.#topic, this.#group);
      this.#armFlush();
      return false;
    }
    this.#toHold = [];
    this.#toDrop = [];
    this.#written = Math.max(this.#written, position);
    return true;
  }

  /** Flushes for the last time. What cannot be written is delivered again. */
  close(): void {
    this.flush();
    this.#closed = true;
    this.#cancelFlush?.();
  }

  #armFlush(): void {
    if (this.#closed) return;
    this.#cancelFlush ??= this.#timers.after(FLUSH_MS, () => {
      this.#cancelFlush = null;
      this.flush();
    });
  }
}
