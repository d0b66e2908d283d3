import type { BusMessage, FailedDelivery } from '../event-bus.port.js';

/** A message of one group on its way to a member. */
export class Entry {
  readonly message: BusMessage;
  readonly position: number;
  readonly part: number;
  deliveries = 0;
  /** Rejected deliveries, oldest first. */
  attempts: readonly FailedDelivery[] = [];
  /** It has, or gets with the next flush, a row in `held`. */
  held = false;
  /** Handled or dead: nothing may be written for it any more. */
  done = false;
  /** Links of the list of what holds the group's position back. */
  tracked = false;
  previous: Entry | null = null;
  next: Entry | null = null;
  /** Link of its lane. */
  behind: Entry | null = null;

  constructor(message: BusMessage, position: number, part: number) {
    this.message = message;
    this.position = position;
    this.part = part;
  }

  get offset(): string {
    return formatOffset(this.position, this.part);
  }
}

export function formatOffset(position: number, part: number): string {
  return `${position}.${part}`;
}

/** Null for what is no offset of this bus. */
export function parseOffset(offset: string): { readonly position: number; readonly part: number } | null {
  const found = /^(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,8})$/.exec(offset);
  return found === null ? null : { position: Number(found[1]), part: Number(found[2]) };
}

/** Entries in the order they were read in; any can leave in constant time. */
export class EntryList {
  first: Entry | null = null;
  #last: Entry | null = null;

  append(entry: Entry): void {
    entry.tracked = true;
    entry.previous = this.#last;
    if (this.#last === null) this.first = entry;
    else this.#last.next = entry;
    this.#last = entry;
  }

  remove(entry: Entry): void {
    if (!entry.tracked) return;
    entry.tracked = false;
    if (entry.previous === null) this.first = entry.next;
    else entry.previous.next = entry.next;
    if (entry.next === null) this.#last = entry.previous;
    else entry.next.previous = entry.previous;
    entry.previous = null;
    entry.next = null;
  }
}
