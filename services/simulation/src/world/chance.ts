import type { Random } from '@tutti/kernel';

/** A source of chance whose whole future follows from its seed (Mulberry32). */
export class Chance implements Random {
  private state: number;

  /** @param stream draws of one stream of a seed do not disturb those of another */
  constructor(seed: number, stream: string) {
    let mixed = seed >>> 0;
    for (let index = 0; index < stream.length; index++) mixed = Math.imul(mixed ^ stream.charCodeAt(index), 0x01000193) >>> 0;
    this.state = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b) >>> 0;
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /** Whole, both ends included. */
  int(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least);
  }

  /** Mostly near `least`, rarely near `most`. */
  skewed(least: number, most: number): number {
    const draw = this.next();
    return least + draw * draw * draw * (most - least);
  }

  happens(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.next() * items.length)];
    if (item === undefined) throw new Error('there is nothing to pick from');
    return item;
  }

  shuffled<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let at = shuffled.length - 1; at > 0; at--) {
      const other = this.int(0, at);
      [shuffled[at], shuffled[other]] = [shuffled[other] as T, shuffled[at] as T];
    }
    return shuffled;
  }
}
