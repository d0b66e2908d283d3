/** First in, first out, in constant time on average (an array's own `shift` moves all the rest). */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #start = 0;

  get length(): number {
    return this.#items.length - this.#start;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#start];
    if (item === undefined) return undefined;
    this.#items[this.#start++] = undefined;
    if (this.#start > 1024 && this.#start * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#start);
      this.#start = 0;
    }
    return item;
  }

  /** Empties it and gives what was in it. */
  drain(): T[] {
    const items = this.#items.slice(this.#start) as T[];
    this.#items = [];
    this.#start = 0;
    return items;
  }
}
