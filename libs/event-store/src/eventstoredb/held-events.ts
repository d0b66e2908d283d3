import type { RecordedEvent } from '@tutti/kernel';
import { unitsOf } from '../units-of-memory.js';

/** What came and is not handed over yet is at most so much, or one event. */
const MAX_ITEMS = 2_000;
const MAX_UNITS = 4 * 1024 * 1024;

interface Item {
  readonly position: number;
  /** Null for what only says how far the server has looked. */
  readonly event: RecordedEvent | null;
}

/** Events that a subscription was sent and has not handed over. */
export class HeldEvents {
  private items: { readonly item: Item; readonly units: number }[] = [];
  private units = 0;

  get isEmpty(): boolean {
    return this.items.length === 0;
  }

  /** There is something, but no event. */
  get onlyMovesHead(): boolean {
    return this.items.length === 1 && this.items[0]?.item.event === null;
  }

  get isFull(): boolean {
    return this.items.length >= MAX_ITEMS || this.units >= MAX_UNITS;
  }

  get hasRoom(): boolean {
    return this.items.length < MAX_ITEMS / 2 && this.units < MAX_UNITS / 2;
  }

  /** @param units about how much of memory it takes, for whoever knows */
  push(item: Item, units = item.event === null ? 0 : unitsOf(item.event.data)): void {
    const last = this.items.at(-1);
    // How far the server looked before matters no more.
    if (item.event === null && last?.item.event === null) this.items.pop();
    this.items.push({ item, units });
    this.units += units;
  }

  clear(): void {
    this.items = [];
    this.units = 0;
  }

  /** The next batch: what is behind `cursor` and wanted, and the position up to which that is all. */
  take(
    cursor: number,
    maxEvents: number,
    isWanted: (event: RecordedEvent) => boolean,
  ): { readonly events: readonly RecordedEvent[]; readonly head: number } {
    const events: RecordedEvent[] = [];
    let head = cursor;
    let taken = 0;
    for (const { item, units } of this.items) {
      if (events.length >= maxEvents) break;
      taken += 1;
      this.units -= units;
      if (item.position <= cursor) continue;
      head = item.position;
      if (item.event !== null && isWanted(item.event)) events.push(item.event);
    }
    this.items = this.items.slice(taken);
    return { events, head };
  }
}
