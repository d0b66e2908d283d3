import type { StatementSync } from 'node:sqlite';
import type { Clock } from '@tutti/kernel';
import type { BusMessage } from '../event-bus.port.js';
import type { BusFile } from './bus-file.js';
import type { TopicFollower, TopicSink, TopicSource } from './topic-source.js';

const BATCH_MESSAGES = 500;
const PRUNE_MESSAGES = 5_000;

/** The topics that are no views: one table, in the order of their commits. */
export class StoredTopics {
  readonly #file: BusFile;
  readonly #clock: Clock;
  readonly #insert: StatementSync;
  readonly #after: StatementSync;
  readonly #head: StatementSync;
  readonly #prune: StatementSync;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(file: BusFile, clock: Clock) {
    this.#file = file;
    this.#clock = clock;
    this.#insert = file.db.prepare('INSERT INTO messages (topic, time, message) VALUES (?, ?, ?)');
    this.#after = file.db.prepare('SELECT seq, message FROM messages WHERE topic = ? AND seq > ? ORDER BY seq LIMIT ?');
    this.#head = file.db.prepare('SELECT max(seq) AS head FROM messages WHERE topic = ?');
    this.#prune = file.db.prepare(`DELETE FROM messages WHERE seq IN (
      SELECT seq FROM messages AS m WHERE time < ?
      AND seq <= coalesce((SELECT min(position) FROM consumers AS c WHERE c.topic = m.topic), seq) ORDER BY seq LIMIT ?)`);
  }

  async append(topic: string, messages: readonly BusMessage[]): Promise<void> {
    const texts = messages.map((message) => JSON.stringify(message));
    await this.#file.durably(() => texts.forEach((text) => this.#put(topic, text)));
    this.wake(topic);
  }

  /** Belongs inside a transaction of the caller's, who calls {@link wake} once that is durable. */
  put(topic: string, message: BusMessage): void {
    this.#put(topic, JSON.stringify(message));
  }

  /** Tells those who follow the topic that it has more. */
  wake(topic: string): void {
    for (const wake of this.#waiting.get(topic) ?? []) wake();
  }

  #put(topic: string, text: string): void {
    this.#insert.run(topic, this.#clock.now(), text);
  }

  /** Forgets messages older than `keepMs` that every group known so far has behind it. */
  prune(keepMs: number): void {
    this.#file.lazily(() => this.#prune.run(this.#clock.now() - keepMs, PRUNE_MESSAGES));
  }

  source(topic: string): TopicSource {
    return {
      head: async () => Number(this.#head.get(topic)?.['head'] ?? -1),
      follow: (after, sink) => this.#follow(topic, after, sink),
    };
  }

  #follow(topic: string, after: number, sink: TopicSink): TopicFollower {
    const following = { closed: false, wake: () => {} };
    const wakers = this.#waiting.get(topic) ?? new Set();
    this.#waiting.set(topic, wakers);
    const wake = () => following.wake();
    wakers.add(wake);
    const ended = this.#run(topic, after, sink, following).finally(() => wakers.delete(wake));
    return {
      ended,
      async close() {
        following.closed = true;
        wake();
        await ended.catch(() => {});
      },
    };
  }

  async #run(topic: string, after: number, sink: TopicSink, following: { closed: boolean; wake: () => void }): Promise<void> {
    let position = after;
    while (!following.closed) {
      // Armed before the read: a commit between the read and the wait must not be slept through.
      const published = new Promise<void>((resolve) => (following.wake = resolve));
      const rows = this.#after.all(topic, position, BATCH_MESSAGES) as { seq: number; message: string }[];
      for (const row of rows) sink.take(row.seq, 0, JSON.parse(row.message) as BusMessage);
      const last = rows.at(-1);
      if (last === undefined) {
        await published;
        continue;
      }
      position = last.seq;
      await sink.batchTaken(position);
    }
  }
}
