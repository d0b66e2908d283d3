/** What is begun and not ended yet, by key, so that its end can be timed. Bounded: past the limit the oldest is forgotten, and its end is counted but not timed. */
export class OpenWork<Work> {
  private readonly open = new Map<string, Work>();

  constructor(private readonly limit: number) {}

  begin(key: string, work: Work): void {
    this.open.delete(key);
    this.open.set(key, work);
    if (this.open.size <= this.limit) return;
    const [oldest] = this.open.keys();
    if (oldest !== undefined) this.open.delete(oldest);
  }

  get(key: string): Work | null {
    return this.open.get(key) ?? null;
  }

  end(key: string): Work | null {
    const work = this.get(key);
    this.open.delete(key);
    return work;
  }

  /** Forgets what begins with the prefix. */
  endAll(keys: Iterable<string>): void {
    for (const key of keys) this.open.delete(key);
  }

  get size(): number {
    return this.open.size;
  }
}
