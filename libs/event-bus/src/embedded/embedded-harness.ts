import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventStore } from '@tutti/event-store';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import type { JsonObject, JsonValue, NewEvent } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import type { BusMessage, SubscribeOptions } from '../event-bus.port.js';
import type { EventBusHarness } from '../testing/event-bus-harness.js';
import type { TopicView } from '../topic-view.js';
import type { BacklogLimits } from './backlog.js';
import { openEmbeddedEventBus, type EmbeddedEventBus } from './embedded-event-bus.js';

export const VIEW_TOPIC = 'tutti.test.view';

/** Two messages at most are one event, so that one position carries several. */
const MESSAGES_PER_EVENT = 2;
const EVENTS_PER_APPEND = 500;

export const testView: TopicView = {
  topic: VIEW_TOPIC,
  filter: { categories: ['messages'] },
  messages: ({ data }) => data['messages'] as unknown as readonly BusMessage[],
};

export interface EmbeddedHarness extends EventBusHarness {
  readonly runtime: ManualRuntime;
  readonly store: EventStore;
  readonly bus: EmbeddedEventBus;
  /** The bus's file. */
  readonly file: string;
  /** Faults that the bus told of. */
  readonly errors: readonly unknown[];
}

/** A harness over a real file. A kill is a copy of the file as it is at that moment, and silence from the old bus. */
export async function createEmbeddedHarness(
  topic: string,
  given: { readonly view?: TopicView; readonly limits?: BacklogLimits } = {},
): Promise<EmbeddedHarness> {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-event-bus-'));
  const runtime = createManualRuntime();
  const store = createInMemoryEventStore(runtime);
  const errors: unknown[] = [];
  let lives = 0;
  let file = join(folder, 'bus.db');
  const open = (path: string) => openLife({ view: testView, ...given, file: path, runtime, store, onError: (error) => errors.push(error) });
  let life = await open(file);
  return {
    runtime,
    store,
    errors,
    topic,
    get bus() {
      return life.bus;
    },
    get file() {
      return file;
    },
    publish: (messages) => (topic === VIEW_TOPIC ? appendMessages(store, runtime, messages) : life.bus.publish(topic, messages)),
    elapse: (ms) => runtime.advance(ms),
    async reopen() {
      await life.bus.close();
      life = await open(file);
    },
    async crash() {
      life.end();
      const next = join(folder, `bus-${++lives}.db`);
      for (const suffix of ['', '-wal']) if (existsSync(file + suffix)) copyFileSync(file + suffix, next + suffix);
      file = next;
      life = await open(file);
    },
    async close() {
      life.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface LifeOptions {
  readonly file: string;
  readonly runtime: ManualRuntime;
  readonly store: EventStore;
  readonly view: TopicView;
  readonly limits?: BacklogLimits;
  readonly onError: (error: unknown) => void;
}

async function openLife({ runtime, view, ...options }: LifeOptions): Promise<{ readonly bus: EmbeddedEventBus; end(): void }> {
  let alive = true;
  const whileAlive = (callback: () => void) => () => {
    if (alive) callback();
  };
  const timers = {
    after: (delayMs: number, callback: () => void) => runtime.timers.after(delayMs, whileAlive(callback)),
    soon: (callback: () => void) => runtime.timers.soon(whileAlive(callback)),
  };
  const inner = await openEmbeddedEventBus({ ...options, views: [view], runtime: { clock: runtime.clock, timers } });
  const bus: EmbeddedEventBus = {
    publish: (topic, messages) => inner.publish(topic, messages),
    subscribe: (options: SubscribeOptions) =>
      inner.subscribe({ ...options, handle: (delivery) => (alive ? options.handle(delivery) : new Promise<never>(() => {})) }),
    members: (topic, group) => inner.members(topic, group),
    forgetMember: (topic, group, member) => inner.forgetMember(topic, group, member),
    deadLetters: inner.deadLetters,
    close: () => inner.close(),
  };
  return { bus, end: () => void (alive = false) };
}

async function appendMessages(store: EventStore, runtime: ManualRuntime, messages: readonly BusMessage[]): Promise<void> {
  const events: NewEvent[] = [];
  for (let from = 0; from < messages.length; from += MESSAGES_PER_EVENT) {
    events.push(eventOf(runtime, { messages: messages.slice(from, from + MESSAGES_PER_EVENT) as unknown as JsonValue }));
  }
  for (let from = 0; from < events.length; from += EVENTS_PER_APPEND) {
    await store.append('messages-1', events.slice(from, from + EVENTS_PER_APPEND), 'any');
  }
  await store.append('noise-1', [eventOf(runtime, {})], 'any');
}

function eventOf(runtime: ManualRuntime, data: JsonObject): NewEvent {
  const metadata = {
    correlationId: 'c',
    causationId: null,
    traceparent: null,
    actor: 'demo',
    tenant: 'default',
    subject: null,
    keyId: null,
  };
  return { id: runtime.ids.next(), type: 'MessagesPublished', schemaVersion: 1, data, metadata };
}
