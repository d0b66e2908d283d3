import { createManualRuntime } from '@tutti/kernel/testing';
import { isTuttiError, type ErrorCode, type JsonObject, type NewEvent, type RecordedEvent, type TuttiError } from '@tutti/kernel';
import assert from 'node:assert/strict';
import type { EventStore, SubscribeOptions } from '../../event-store.port.js';

const { ids } = createManualRuntime();

export function someEvent(type = 'ThingHappened', data: JsonObject = { note: 'some' }): NewEvent {
  const metadata = {
    correlationId: 'correlation-1',
    causationId: null,
    traceparent: null,
    actor: 'service:contract',
    tenant: 'default',
    subject: null,
    keyId: null,
  };
  return { id: ids.next(), type, schemaVersion: 1, data, metadata };
}

export function someEvents(count: number, type?: string): NewEvent[] {
  return Array.from({ length: count }, (_, index) => someEvent(type, { index }));
}

export async function all(events: AsyncIterable<RecordedEvent>): Promise<RecordedEvent[]> {
  const list: RecordedEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

export const idsOf = (events: readonly { readonly id: string }[]): string[] => events.map((event) => event.id);
export const positionsOf = (events: readonly RecordedEvent[]): number[] => events.map((event) => event.position);
export const revisionsOf = (events: readonly RecordedEvent[]): number[] => events.map((event) => event.revision);

export async function refusal(promise: Promise<unknown>, code: ErrorCode): Promise<TuttiError> {
  const error = await promise.then(
    (value) => assert.fail(`expected ${code}, got an answer: ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(isTuttiError(error, code), `expected ${code}, got ${String(error)}`);
  return error;
}

export interface Batch {
  readonly events: readonly RecordedEvent[];
  readonly head: number;
}

export interface Follower {
  readonly batches: readonly Batch[];
  readonly events: () => RecordedEvent[];
  readonly ended: Promise<void>;
  /** Waits until the subscription's head is there. */
  readonly reaches: (position: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Subscribes and keeps what comes. `handle` runs inside the batch. */
export function follow(
  store: EventStore,
  options: Omit<SubscribeOptions, 'onBatch'>,
  handle: (batch: Batch) => Promise<void> | void = () => undefined,
): Follower {
  const batches: Batch[] = [];
  const waiting = new Set<() => void>();
  const subscription = store.subscribe({
    ...options,
    onBatch: async (events, head) => {
      batches.push({ events, head });
      await handle({ events, head });
      for (const check of waiting) check();
    },
  });
  // Whoever wants to know asks `ended`; a case that failed elsewhere must not be drowned out.
  subscription.ended.catch(() => undefined);
  const head = () => batches.at(-1)?.head ?? options.after;
  return {
    batches,
    events: () => batches.flatMap((batch) => batch.events),
    ended: subscription.ended,
    close: () => subscription.close(),
    reaches: (position) =>
      new Promise((resolve, reject) => {
        const check = () => void (head() >= position && resolve());
        waiting.add(check);
        check();
        subscription.ended.catch(reject);
      }),
  };
}

/** A promise to open by hand. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return { opened: promise, open: () => resolve(undefined) };
}

/** A turn of the real loop; between turns is where a store may show what it should not. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
