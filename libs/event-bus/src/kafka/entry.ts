import type { BusMessage, FailedDelivery } from '../event-bus.port.js';

/** A message of one group in memory. */
export class Entry {
  readonly message: BusMessage;
  /** Offset of its record, by which the group's position counts. */
  readonly at: number;
  /** What handlers and dead letters know it by: that of its first publication, also when it is replayed. */
  readonly offset: string;
  /** It came back from the dead letters, so has a story there. */
  readonly replayed: boolean;
  /** Why nobody can read it. */
  readonly unreadable: string | undefined;
  deliveries = 0;
  /** When it may be delivered again, on the monotonic clock. */
  retryAtMs = 0;
  /** Its rejected deliveries, once there are some: each is written, one after the other. */
  story: Promise<readonly FailedDelivery[]> | null = null;

  constructor(given: Pick<Entry, 'message' | 'at' | 'offset' | 'replayed' | 'unreadable'>) {
    this.message = given.message;
    this.at = given.at;
    this.offset = given.offset;
    this.replayed = given.replayed;
    this.unreadable = given.unreadable;
  }
}

export function formatOffset(partition: number, offset: number): string {
  return `${partition}:${offset}`;
}
