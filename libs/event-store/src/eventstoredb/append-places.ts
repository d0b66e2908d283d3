import type { OutgoingAppend } from './batch-appends.js';
import { readAllRequest } from './read-requests.js';
import { placeKey, type ExpectedAppend, type FoundEvent } from './seen-appends.js';
import type { ServerConnection } from './server-connection.js';

/** Of the appends that wait, so many events are looked for at once, and some that may stand between them. */
const MAX_EVENTS = 250;
const BETWEEN = 8;
/** While more appends are on their way than wait here, a read waits for them: it costs more than they do. */
const GATHER_MS = 2;

/**
 * Positions of the events, in order; `repeat` when others stand in the log under their ids: the server answers an append as done when somebody else has
 * appended the same ids; `unknown` when they were not found where they should be.
 */
export type Placement = readonly number[] | 'repeat' | 'unknown';

interface Unplaced {
  readonly append: OutgoingAppend;
  /** Of its last event. */
  readonly position: number;
  readonly resolve: (placement: Placement) => void;
}

/**
 * Where each event of an append stands, and whether it is this one. A subscription of this process may bring them; otherwise they are read from the log: the server writes the events
 * of an append one after the other, so backwards from where it ended; appends that end while others are looked for share the next read.
 */
export class AppendPlaces {
  private readonly waiting: Unplaced[] = [];
  private reading = false;

  constructor(
    private readonly connection: ServerConnection,
    /** How many appends are not answered yet. */
    private readonly underWay: () => number,
  ) {}

  /** @param position of the last event, as the server answered */
  async find(expected: ExpectedAppend, position: number): Promise<Placement> {
    const { append } = expected;
    if (await expected.isSeen(position)) return placementOf({ append, position }, expected.places);
    return new Promise((resolve) => {
      this.waiting.push({ append, position, resolve });
      if (!this.reading) void this.readOn();
    });
  }

  private async readOn(): Promise<void> {
    this.reading = true;
    while (this.waiting.length > 0) {
      if (this.underWay() > this.waiting.length) await this.connection.pause(GATHER_MS);
      const taken = this.take();
      const search = planSearch(taken);
      const found = new Map<string, FoundEvent>();
      // Whoever waits reads the stream instead, and hears there what is wrong.
      await this.read(search, found).catch(() => found.clear());
      const later: Unplaced[] = [];
      for (const unplaced of taken) {
        const placement = placementOf(unplaced, found);
        // Others wrote more between them than was read; searched for by itself it is found, or never.
        if (placement === 'unknown' && unplaced !== search.from && found.size > 0) later.push(unplaced);
        else unplaced.resolve(placement);
      }
      this.waiting.unshift(...later);
    }
    this.reading = false;
  }

  /** Those that came first, as many as one read may find. */
  private take(): readonly Unplaced[] {
    let events = 0;
    let count = 0;
    for (const { append } of this.waiting) {
      if (count > 0 && events + append.events.length > MAX_EVENTS) break;
      count += 1;
      events += append.events.length;
    }
    return this.waiting.splice(0, count);
  }

  private read({ backwards, from, count }: Search, found: Map<string, FoundEvent>): Promise<void> {
    return this.connection.page(readAllRequest(from.position, { backwards, count }), (answer) => {
      if (answer.kind !== 'event') return;
      const { stream, id, position, metadata } = answer.event;
      found.set(placeKey(stream, id), { position, metadata });
    });
  }
}

interface Search {
  readonly backwards: boolean;
  /** Is certainly found, unless the log is not as it should be. */
  readonly from: Unplaced;
  readonly count: number;
}

/** Backwards a read begins before its position, so it shows of an append of one event nothing; forwards it begins with it. */
function planSearch(taken: readonly Unplaced[]): Search {
  const upwards = taken.toSorted((one, other) => one.position - other.position);
  const last = upwards.findLastIndex(({ append }) => append.events.length > 1);
  const wanted = last < 0 ? upwards : upwards.slice(0, last + 1);
  const count = wanted.reduce((sum, { append }) => sum + append.events.length, BETWEEN);
  return { backwards: last >= 0, from: (last < 0 ? upwards[0] : upwards[last]) as Unplaced, count };
}

function placementOf(
  { append: { stream, events }, position }: Pick<Unplaced, 'append' | 'position'>,
  found: ReadonlyMap<string, FoundEvent>,
): Placement {
  const places = events.map(({ id }) => found.get(placeKey(stream, id)));
  if (places.some((place, index) => place !== undefined && Buffer.compare(place.metadata, events[index]?.metadata ?? Buffer.of()) !== 0))
    return 'repeat';
  // An append is there whole or not at all: of several events one that is seen is enough to know that it is this one.
  if (places.every((place) => place === undefined)) return 'unknown';
  const positions = places.map((place, index) => place?.position ?? (index === places.length - 1 ? position : -1));
  return positions.every((at, index) => at > (positions[index - 1] ?? -1)) ? positions : 'unknown';
}
