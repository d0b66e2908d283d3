import { isoTime, type Clock } from '@tutti/kernel';
import type { KafkaLog } from './kafka-options.js';

export interface KafkaHealth {
  readonly connected: boolean;
  /** What does not reach the broker at present, since when (ISO 8601), and why. Empty when connected. */
  readonly faults: readonly KafkaFault[];
}

export interface KafkaFault {
  /** `publishing`, `questions`, or the name of a consumer group. */
  readonly part: string;
  readonly since: string;
  readonly reason: string;
}

/** Which parts of a bus reach the broker. Says in the log when one loses it and when it is back. */
export class BusHealth {
  readonly #clock: Clock;
  readonly #log: KafkaLog;
  readonly #faults = new Map<string, KafkaFault & { readonly sinceMs: number }>();

  constructor(clock: Clock, log: KafkaLog) {
    this.#clock = clock;
    this.#log = log;
  }

  up(part: string): void {
    const fault = this.#faults.get(part);
    if (fault === undefined) return;
    this.#faults.delete(part);
    this.#log('info', 'the broker is reached again', { part, afterMs: this.#clock.now() - fault.sinceMs });
  }

  down(part: string, reason: string): void {
    if (this.#faults.has(part)) return;
    const sinceMs = this.#clock.now();
    this.#faults.set(part, { part, since: isoTime(sinceMs), sinceMs, reason });
    this.#log('warn', 'the broker is not reached', { part, reason });
  }

  /** A part that is no more. */
  forget(part: string): void {
    this.#faults.delete(part);
  }

  now(): KafkaHealth {
    const faults = [...this.#faults.values()].map(({ part, since, reason }) => ({ part, since, reason }));
    return { connected: faults.length === 0, faults };
  }
}
