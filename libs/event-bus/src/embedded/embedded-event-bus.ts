import type { EventStore } from '@tutti/event-store';
import { TuttiError, type Runtime } from '@tutti/kernel';
import type { BusMessage, BusSubscription, DeadLetterBox, EventBus, SubscribeOptions } from '../event-bus.port.js';
import type { TopicView } from '../topic-view.js';
import { DEFAULT_BACKLOG_LIMITS, type BacklogLimits } from './backlog.js';
import { openBusStorage, type BusStorage, type OnBusError } from './bus-storage.js';
import { StoredDeadLetterBox } from './dead-letter-box.js';
import { Group } from './group.js';
import { checkForgotten, checkMessages, checkSubscription } from '../request-checks.js';
import type { TopicSource } from './topic-source.js';
import { createViewSource } from './view-source.js';

const DEFAULT_RETENTION_MS = 7 * 24 * 60 * 60 * 1000;
const PRUNE_EVERY_MS = 60 * 60 * 1000;

export interface EmbeddedEventBusOptions {
  /** Path of the bus's SQLite file; made when it is not there. One process at a time. */
  readonly file: string;
  /** Where the views read. Must outlive the bus. */
  readonly store: EventStore;
  readonly views: readonly TopicView[];
  readonly runtime: Pick<Runtime, 'clock' | 'timers'>;
  /** Messages of topics without a view are kept at least this long, and until every known group has them behind it. Default 7 days. */
  readonly retentionMs?: number;
  /** What each group keeps in memory. Default 4,096 messages for any member, 1,024 for one, 16 of a key behind a retry. */
  readonly limits?: Partial<BacklogLimits>;
  /** Told of faults that no caller sees (a view that throws, a position that cannot be written). The bus tries again by itself. */
  readonly onError?: OnBusError;
}

export interface EmbeddedEventBus extends EventBus {
  /** Closes every subscription, so waits for what is in hand, then the file. */
  close(): Promise<void>;
}

/** @throws TuttiError INVALID_CONFIG for a file of another version, INVALID_REQUEST for two views of one topic */
export async function openEmbeddedEventBus(options: EmbeddedEventBusOptions): Promise<EmbeddedEventBus> {
  const views = new Map<string, TopicSource>();
  for (const view of options.views) {
    if (views.has(view.topic)) throw new TuttiError('INVALID_REQUEST', `topic ${view.topic} has two views, expected one`);
    views.set(view.topic, createViewSource(options.store, view));
  }
  return new SqliteEventBus(options, views);
}

class SqliteEventBus implements EmbeddedEventBus {
  readonly deadLetters: DeadLetterBox;
  readonly #views: ReadonlyMap<string, TopicSource>;
  readonly #storage: BusStorage;
  readonly #runtime: Pick<Runtime, 'clock' | 'timers'>;
  readonly #retentionMs: number;
  readonly #limits: BacklogLimits;
  readonly #groups = new Map<string, Group>();
  readonly #subscriptions = new Set<BusSubscription>();
  #cancelPrune = () => {};
  #closing: Promise<void> | null = null;

  constructor(options: EmbeddedEventBusOptions, views: ReadonlyMap<string, TopicSource>) {
    this.#views = views;
    this.#runtime = options.runtime;
    this.#limits = { ...DEFAULT_BACKLOG_LIMITS, ...options.limits };
    this.#retentionMs = options.retentionMs ?? DEFAULT_RETENTION_MS;
    this.#storage = openBusStorage(options.file, options.runtime, options.onError ?? (() => {}));
    this.deadLetters = new StoredDeadLetterBox(this.#storage, {
      refuseWhenClosed: () => this.#refuseWhenClosed(),
      onReplayed: (topic, group, entry) => this.#groups.get(groupKey(topic, group))?.insert(entry),
    });
    this.#prune();
  }

  async publish(topic: string, messages: readonly BusMessage[]): Promise<void> {
    this.#refuseWhenClosed();
    if (this.#views.has(topic)) {
      throw new TuttiError(
        'INVALID_REQUEST',
        `topic ${topic} is a view over recorded events: append the events, expected a topic that is no view`,
      );
    }
    checkMessages(topic, messages);
    if (messages.length > 0) await this.#storage.topics.append(topic, messages);
  }

  async subscribe(options: SubscribeOptions): Promise<BusSubscription> {
    checkSubscription(options);
    const { topic, group: name, start = 'earliest' } = options;
    const source = this.#views.get(topic) ?? this.#storage.topics.source(topic);
    await this.#beginGroup(topic, name, start === 'latest' ? () => source.head() : async () => -1);
    let group = this.#groups.get(groupKey(topic, name));
    while (group !== undefined && group.stopped !== null) {
      await group.stopped;
      group = this.#groups.get(groupKey(topic, name));
    }
    this.#refuseWhenClosed();
    group ??= this.#openGroup(topic, name, source);
    const joined = group.join(options);
    const subscription: BusSubscription = { close: () => this.#leave(subscription, joined, topic, name) };
    this.#subscriptions.add(subscription);
    return subscription;
  }

  async members(topic: string, group: string): Promise<readonly string[]> {
    return this.#groups.get(groupKey(topic, group))?.members ?? [];
  }

  async forgetMember(topic: string, group: string, member: string): Promise<void> {
    this.#refuseWhenClosed();
    checkForgotten(topic, group, member, false);
    const { file, held } = this.#storage;
    const subscribed = await file.durably(() => {
      const running = this.#groups.get(groupKey(topic, group));
      if (running?.members.includes(member)) return true;
      running?.forget(member);
      held.dropOfMember(topic, group, member);
      return false;
    });
    checkForgotten(topic, group, member, subscribed);
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#cancelPrune();
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    this.#storage.file.close();
  }

  async #leave(subscription: BusSubscription, joined: BusSubscription, topic: string, name: string): Promise<void> {
    await joined.close();
    this.#subscriptions.delete(subscription);
    const group = this.#groups.get(groupKey(topic, name));
    if (group !== undefined && group.stopped !== null) this.#groups.delete(groupKey(topic, name));
  }

  /** Durable before the subscription stands: a group that began at the latest message begins there after a crash too. */
  async #beginGroup(topic: string, name: string, first: () => Promise<number>): Promise<void> {
    this.#refuseWhenClosed();
    const { file, positions } = this.#storage;
    if (positions.get(topic, name) !== null) return;
    const position = await first();
    await file.durably(() => positions.add(topic, name, position));
  }

  #openGroup(topic: string, name: string, source: TopicSource): Group {
    const position = this.#storage.positions.get(topic, name) ?? -1;
    const group = new Group({
      topic,
      group: name,
      position,
      source,
      storage: this.#storage,
      timers: this.#runtime.timers,
      limits: this.#limits,
    });
    this.#groups.set(groupKey(topic, name), group);
    return group;
  }

  #prune(): void {
    try {
      const { file, topics, deadLetters } = this.#storage;
      topics.prune(this.#retentionMs);
      file.lazily(() => deadLetters.prune());
    } catch (error) {
      this.#storage.onError(error, '*', '*');
    }
    this.#cancelPrune = this.#runtime.timers.after(PRUNE_EVERY_MS, () => this.#prune());
  }

  #refuseWhenClosed(): void {
    if (this.#closing !== null) throw new TuttiError('SHUTTING_DOWN', 'the event bus is closed');
  }
}

function groupKey(topic: string, group: string): string {
  return JSON.stringify([topic, group]);
}
