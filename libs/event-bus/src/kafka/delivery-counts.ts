import type { Entry } from './entry.js';

interface Delivered {
  readonly deliveries: number;
  readonly retryAtMs: number;
}

const MOST_REMEMBERED = 10_000;

/** How often messages that left memory unhandled were delivered by this process, and when they may be again, so that both hold when they are read again. */
export class DeliveryCounts {
  readonly #counts = new Map<string, Delivered>();

  remember(group: string, { offset, at, deliveries, retryAtMs }: Entry): void {
    if (deliveries === 0) return;
    const [oldest] = this.#counts.keys();
    if (this.#counts.size >= MOST_REMEMBERED && oldest !== undefined) this.#counts.delete(oldest);
    this.#counts.set(keyOf(group, offset, at), { deliveries, retryAtMs });
  }

  recall(group: string, entry: Entry): void {
    const key = keyOf(group, entry.offset, entry.at);
    const { deliveries = 0, retryAtMs = 0 } = this.#counts.get(key) ?? {};
    entry.deliveries = deliveries;
    entry.retryAtMs = retryAtMs;
    this.#counts.delete(key);
  }
}

/** Of a replayed message both count: it begins at 1 again. */
function keyOf(group: string, offset: string, at: number): string {
  return `${group} ${offset} ${at}`;
}
