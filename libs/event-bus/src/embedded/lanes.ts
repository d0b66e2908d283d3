import type { Cancel } from '@tutti/kernel';
import type { Entry } from './entry.js';
import { ANYONE } from './held-messages.js';

/**
 * - `idle`: empty, about to go
 * - `ready`: its first message waits for room with a member
 * - `in-hand`: its first message is with a handler, or on its way to the dead letters
 * - `waiting`: its first message waits for its retry
 */
export type LaneState = 'idle' | 'ready' | 'in-hand' | 'waiting';

/** The messages of one key that are in memory, of which only the first is ever in hand. */
export class Lane {
  readonly mailbox: Mailbox;
  readonly key: string;
  first: Entry | null = null;
  #last: Entry | null = null;
  size = 0;
  state: LaneState = 'idle';
  /** More of this key waits on disk, after what is here. */
  spooled = false;
  cancelRetry: Cancel | null = null;

  constructor(mailbox: Mailbox, key: string) {
    this.mailbox = mailbox;
    this.key = key;
  }

  append(entry: Entry): void {
    if (this.#last === null) this.first = entry;
    else this.#last.behind = entry;
    this.#last = entry;
    this.size += 1;
  }

  removeFirst(): void {
    const { first } = this;
    if (first === null) return;
    this.first = first.behind;
    if (this.first === null) this.#last = null;
    first.behind = null;
    this.size -= 1;
  }

  /** Cuts the lane after its first `keep` entries and gives what was behind. */
  cutAfter(keep: number): Entry[] {
    let last: Entry | null = null;
    let rest = this.first;
    for (let kept = 0; kept < keep && rest !== null; kept++) {
      last = rest;
      rest = rest.behind;
    }
    if (last === null) this.first = null;
    else last.behind = null;
    this.#last = last;
    const cut: Entry[] = [];
    for (let entry = rest; entry !== null;) {
      const behind: Entry | null = entry.behind;
      entry.behind = null;
      cut.push(entry);
      entry = behind;
    }
    this.size -= cut.length;
    return cut;
  }
}

/** What waits for one member, or ({@link ANYONE}) for whichever member there is. */
export class Mailbox {
  readonly member: string;
  readonly lanes = new Map<string, Lane>();
  /** Entries in memory. */
  count = 0;
  /** More may wait on disk, after what is here and after `loaded`. True at first: nobody has looked yet. */
  spooled = true;
  loaded = { position: -1, part: -1 };

  constructor(member: string) {
    this.member = member;
  }

  get addressed(): boolean {
    return this.member !== ANYONE;
  }

  lane(key: string): Lane {
    let lane = this.lanes.get(key);
    if (lane === undefined) {
      lane = new Lane(this, key);
      this.lanes.set(key, lane);
    }
    return lane;
  }

  /** Loads from the start again; what is in memory is recognised and not loaded twice. */
  rewind(): void {
    this.spooled = true;
    this.loaded = { position: -1, part: -1 };
  }
}
