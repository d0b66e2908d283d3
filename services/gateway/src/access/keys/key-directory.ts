import { TuttiError, type RecordedEvent } from '@tutti/kernel';
import { keyStatus, evolveKnownKey, type KnownKey } from './known-key.js';

/** The keys, in memory, by what was recorded. Of those that are revoked the newest are kept, for whoever asks what became of them. */
export class KeyDirectory {
  private readonly keys = new Map<string, KnownKey>();
  private readonly revoked: string[] = [];

  constructor(private readonly maxRevoked: number) {}

  take(event: RecordedEvent): void {
    const id = event.stream.slice('key-'.length);
    const key = evolveKnownKey(this.keys.get(id) ?? null, event);
    if (key === null) return;
    this.keys.set(id, key);
    if (event.type !== 'ApiKeyRevoked') return;
    this.revoked.push(id);
    if (this.revoked.length > this.maxRevoked) this.keys.delete(this.revoked.shift() ?? '');
  }

  find(id: string): KnownKey | null {
    return this.keys.get(id) ?? null;
  }

  /** @throws TuttiError KEY_NOT_FOUND */
  get(id: string): KnownKey {
    const key = this.find(id);
    if (key === null) throw new TuttiError('KEY_NOT_FOUND', `there is no key ${id.slice(0, 200)}`);
    return key;
  }

  /** Oldest first. */
  all(): readonly KnownKey[] {
    return [...this.keys.values()];
  }

  /** How many are not revoked. */
  get size(): number {
    return this.keys.size - this.revoked.length;
  }

  hasActive(nowMs: number): boolean {
    return this.all().some((key) => keyStatus(key, nowMs) === 'active');
  }

  /** The key that has the name and is not revoked. */
  named(name: string): KnownKey | null {
    return this.all().find((key) => key.name === name && key.revoked === null) ?? null;
  }
}
