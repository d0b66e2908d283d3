export interface StickyPlace {
  readonly agent: string;
  readonly worker: string;
}

const MAX_KEYS = 10_000;

/** Who had each key last, for each capability. Keeps the 10,000 used last; made again from open runs and from nothing else after a restart. */
export class StickyKeys {
  private readonly places = new Map<string, StickyPlace>();

  find(capability: string, key: string): StickyPlace | null {
    return this.places.get(`${capability}\n${key}`) ?? null;
  }

  remember(capability: string, key: string, place: StickyPlace): void {
    const id = `${capability}\n${key}`;
    this.places.delete(id);
    this.places.set(id, place);
    if (this.places.size <= MAX_KEYS) return;
    const oldest = this.places.keys().next().value;
    if (oldest !== undefined) this.places.delete(oldest);
  }
}
