/** Runs work of one key one after the other; work of other keys is not held up. */
export class KeyedLock {
  readonly #last = new Map<string, Promise<void>>();

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    let release = () => {};
    const mine = new Promise<void>((resolve) => (release = resolve));
    this.#last.set(key, mine);
    await before;
    try {
      return await work();
    } finally {
      release();
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}
