import assert from 'node:assert/strict';
import type { BusMessage, BusSubscription, DeadLetter, Delivery, SubscribeOptions } from '../event-bus.port.js';
import type { EventBusHarness } from './event-bus-harness.js';

const STEP_MS = 10;
const LIMIT_MS = 10_000;
export const GROUP = 'group';

export interface RecordingMember {
  /** Everything handed over, in order, rejected ones too. */
  readonly deliveries: readonly Delivery[];
  /** Ids of `deliveries`. */
  ids(): string[];
  readonly subscription: BusSubscription;
  /** Most handlers that ran at once. */
  readonly mostAtOnce: number;
}

interface Behaviour extends Partial<Omit<SubscribeOptions, 'handle'>> {
  readonly on?: (delivery: Delivery) => Promise<void> | void;
}

export async function deadLetters(harness: EventBusHarness, group = GROUP, limit?: number): Promise<DeadLetter[]> {
  return [...(await harness.bus.deadLetters.list({ topic: harness.topic, group, ...(limit === undefined ? {} : { limit }) }))];
}

export async function subscribe(harness: EventBusHarness, { on, ...options }: Behaviour = {}): Promise<RecordingMember> {
  const deliveries: Delivery[] = [];
  const running = { now: 0, most: 0 };
  const subscription = await harness.bus.subscribe({
    topic: harness.topic,
    group: GROUP,
    member: 'anna',
    ...options,
    async handle(delivery) {
      deliveries.push(delivery);
      running.most = Math.max(running.most, ++running.now);
      try {
        await on?.(delivery);
      } finally {
        running.now -= 1;
      }
    },
  });
  return {
    deliveries,
    subscription,
    ids: () => deliveries.map(({ id }) => id),
    get mostAtOnce() {
      return running.most;
    },
  };
}

/** `a1` is the first message of key `a`. */
export function message(id: string, more: Partial<BusMessage> = {}): BusMessage {
  return { id, type: 'tutti.test.happened.v1', key: id.slice(0, 1), payload: { id }, ...more };
}

/** Waits on the harness's clock until it is so, and fails with `what` where it never is. */
export async function until(harness: EventBusHarness, what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let waitedMs = 0; waitedMs <= LIMIT_MS; waitedMs += STEP_MS) {
    if (await holds()) return;
    await harness.elapse(STEP_MS);
  }
  assert.fail(`did not come to pass within ${LIMIT_MS} ms: ${what}`);
}

/** Gives what should not happen the time to happen. */
export function quiet(harness: EventBusHarness): Promise<void> {
  return harness.elapse(300);
}

export async function settled<T>(harness: EventBusHarness, what: string, promise: Promise<T>): Promise<T> {
  let done = false;
  const watched = promise.finally(() => (done = true));
  watched.catch(() => {});
  await until(harness, what, () => done);
  return watched;
}

export interface Gate {
  readonly passed: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  let open = () => {};
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open: () => open() };
}

/** A handler that rejects these messages and takes all others. */
export const rejectOnly =
  (...ids: readonly string[]) =>
  (delivery: { readonly id: string }): void => {
    if (ids.includes(delivery.id)) throw new Error(`cannot do ${delivery.id}`);
  };
