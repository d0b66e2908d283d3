import type { Cancel, Runtime } from '@tutti/kernel';
import type { OutgoingAppend } from './batch-appends.js';
import type { ServerRecord } from './read-answers.js';

/** What the log holds under the id of an event. */
export interface FoundEvent {
  readonly position: number;
  readonly metadata: Uint8Array;
}

/** A subscription of this process, as far as it matters to what this process appends. */
export interface SeenSource {
  /** It is connected, has all that was there, and hands on what comes. */
  isLive(): boolean;
  /** @param stream as Tutti calls it */
  brings(stream: string, type: string): boolean;
  /** An event at this position should have come by now: it is not relied on before it has come so far. */
  isBehind(position: number): void;
}

/** Longer than this nobody waits for a subscription that should bring an event: it is read. */
const LIMIT_MS = 100;

/** An event is once in a stream, and its id may be in another. */
export function placeKey(stream: string, id: string): string {
  return `${id} ${stream}`;
}

/** Events that this process has appended, as its subscriptions bring them: what they bring need not be read once more. */
export class SeenAppends {
  private readonly expected = new Map<string, ExpectedAppend>();
  private readonly sources = new Set<SeenSource>();

  constructor(private readonly runtime: Pick<Runtime, 'timers'>) {}

  join(source: SeenSource): Cancel {
    this.sources.add(source);
    return () => this.sources.delete(source);
  }

  /** @param stream as Tutti calls it. To be called before the append is sent: its events may come before its answer does. */
  expect(stream: string, append: OutgoingAppend): ExpectedAppend {
    const isFollowed = (source: SeenSource): boolean => source.isLive() && append.events.every(({ type }) => source.brings(stream, type));
    const expected = new ExpectedAppend(append, () => [...this.sources].filter(isFollowed), this.runtime);
    for (const { id } of append.events) this.expected.set(placeKey(append.stream, id), expected);
    return expected;
  }

  forget(expected: ExpectedAppend): void {
    for (const { id } of expected.append.events) {
      const key = placeKey(expected.append.stream, id);
      if (this.expected.get(key) === expected) this.expected.delete(key);
    }
  }

  /** An event that the server sent to one of the sources. */
  take({ stream, id, position, metadata }: ServerRecord): void {
    if (this.expected.size === 0) return;
    const key = placeKey(stream, id);
    this.expected.get(key)?.found(key, { position, metadata });
  }
}

/** What was seen of one append. */
export class ExpectedAppend {
  readonly places = new Map<string, FoundEvent>();
  private done: () => void = () => undefined;

  constructor(
    readonly append: OutgoingAppend,
    private readonly followers: () => readonly SeenSource[],
    private readonly runtime: Pick<Runtime, 'timers'>,
  ) {}

  found(key: string, event: FoundEvent): void {
    this.places.set(key, event);
    if (this.isWhole) this.done();
  }

  get isWhole(): boolean {
    return this.places.size === this.append.events.length;
  }

  /** True when all of them were seen, or are seen within the limit. @param position of the last of them */
  async isSeen(position: number): Promise<boolean> {
    if (this.isWhole) return true;
    const followers = this.followers();
    if (followers.length === 0) return false;
    await new Promise<void>((resolve) => {
      const cancel = this.runtime.timers.after(LIMIT_MS, resolve);
      this.done = () => {
        cancel();
        resolve();
      };
    });
    if (!this.isWhole) for (const follower of followers) follower.isBehind(position);
    return this.isWhole;
  }
}
