import type { DeadLetter, DeadLetterBox, DeadLetterQuery } from '../event-bus.port.js';
import type { BusStorage } from './bus-storage.js';
import { parseOffset, type Entry } from './entry.js';

export interface DeadLetterBoxHooks {
  /** @throws TuttiError SHUTTING_DOWN */
  readonly refuseWhenClosed: () => void;
  /** A replayed letter has its row and may be delivered. */
  readonly onReplayed: (topic: string, group: string, entry: Entry) => void;
}

/** The dead letters of a bus on disk. */
export class StoredDeadLetterBox implements DeadLetterBox {
  readonly #storage: BusStorage;
  readonly #hooks: DeadLetterBoxHooks;

  constructor(storage: BusStorage, hooks: DeadLetterBoxHooks) {
    this.#storage = storage;
    this.#hooks = hooks;
  }

  async list(query: DeadLetterQuery = {}): Promise<readonly DeadLetter[]> {
    this.#hooks.refuseWhenClosed();
    return this.#storage.deadLetters.list(query);
  }

  async get(topic: string, group: string, offset: string): Promise<DeadLetter | null> {
    this.#hooks.refuseWhenClosed();
    const at = parseOffset(offset);
    return at === null ? null : this.#storage.deadLetters.get(topic, group, at.position, at.part);
  }

  async replay(topic: string, group: string, offset: string): Promise<boolean> {
    this.#hooks.refuseWhenClosed();
    const at = parseOffset(offset);
    if (at === null) return false;
    const { file, deadLetters, held } = this.#storage;
    const taken = await file.durably(() => {
      const entry = deadLetters.take(topic, group, at.position, at.part);
      if (entry !== null) held.put(topic, group, entry);
      return entry;
    });
    if (taken === null) return false;
    taken.held = true;
    this.#hooks.onReplayed(topic, group, taken);
    return true;
  }

  async discard(topic: string, group: string, offset: string): Promise<boolean> {
    this.#hooks.refuseWhenClosed();
    const at = parseOffset(offset);
    if (at === null) return false;
    const { file, deadLetters } = this.#storage;
    return file.durably(() => deadLetters.discard(topic, group, at.position, at.part));
  }
}
