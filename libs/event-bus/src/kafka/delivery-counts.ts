import type { Entry } from './entry.js';

const MOST_REMEMBERED = 10_000;

/** How often messages that left memory unhandled were delivered by this process, so that counting goes on when they are read again. */
export class DeliveryCounts {
  readonly #counts = new Map<string, number>();

  remember(group: string, { offset, at, deliveries }: Entry): void {
    if (deliveries === 0) return;
    const [oldest] = this.#counts.keys();
    if (this.#counts.size >= MOST_REMEMBERED && oldest !== undefined) this.#counts.delete(oldest);
    this.#counts.set(keyOf(group, offset, at), deliveries);
  }

  recall(group: string, entry: Entry): void {
    const key = keyOf(group, entry.offset, entry.at);
    entry.deliveries = this.#counts.get(key) ?? 0;
    this.#counts.delete(key);
  }
}

/** Of a replayed message both count: it begins at 1 again. */
function keyOf(group: string, offset: string, at: number): string {
  return `${group} ${offset} ${at}`;
}
