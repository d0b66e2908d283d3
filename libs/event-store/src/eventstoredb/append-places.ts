import { status } from '@grpc/grpc-js';
import { commandError } from './client-errors.js';
import { shared, streamNameOf, streams, uuidText, type ReadResp } from './messages.js';
import type { ServerConnection } from './server-connection.js';

/** Of the appends that wait, so many events are looked for at once, and some that may stand between them. */
const MAX_EVENTS = 250;
const BETWEEN = 8;

/** An append of several events, and what is known of it: the server says only where it ended. */
interface Unplaced {
  /** As the server calls it. */
  readonly stream: string;
  readonly ids: readonly string[];
  readonly position: number;
  readonly resolve: (positions: readonly number[] | null) => void;
}

/**
 * Where each event of an append stands. The server writes those of one append one after the other, so they are read from the log, backwards from where the append
 * ended; appends that end while one is read share the next read. Whatever is not found like this is not known.
 */
export class AppendPlaces {
  private readonly waiting: Unplaced[] = [];
  private reading = false;

  constructor(private readonly connection: ServerConnection) {}

  /** Null when it was not found there. */
  find(stream: string, ids: readonly string[], position: number): Promise<readonly number[] | null> {
    return new Promise((resolve) => {
      this.waiting.push({ stream, ids, position, resolve });
      if (!this.reading) void this.readOn();
    });
  }

  private async readOn(): Promise<void> {
    this.reading = true;
    while (this.waiting.length > 0) {
      const taken = this.take();
      const highest = taken[0] as Unplaced;
      const found = new Map<string, number>();
      try {
        const events = taken.reduce((sum, { ids }) => sum + ids.length, 0);
        await this.readBackwards(highest.position, events + BETWEEN, found);
      } catch {
        // Whoever waits reads the stream instead, and hears there what is wrong.
        found.clear();
      }
      const later: Unplaced[] = [];
      for (const unplaced of taken) {
        const { stream, ids, position, resolve } = unplaced;
        const positions = ids.map((id, index) => (index === ids.length - 1 ? position : found.get(keyOf(stream, id))));
        if (positions.every((at) => at !== undefined) && ascending(positions)) resolve(positions);
        // Others wrote more between them than was read; read from its own end it is found, or never.
        else if (unplaced !== highest && found.size > 0) later.push(unplaced);
        else resolve(null);
      }
      this.waiting.unshift(...later);
    }
    this.reading = false;
  }

  /** Those that came first, as many as one read may find; the last of the log first. */
  private take(): readonly Unplaced[] {
    let events = 0;
    let count = 0;
    for (const { ids } of this.waiting) {
      if (count > 0 && events + ids.length > MAX_EVENTS) break;
      count += 1;
      events += ids.length;
    }
    return this.waiting.splice(0, count).sort((one, other) => other.position - one.position);
  }

  /** Ids and places only: nothing is parsed. */
  private async readBackwards(before: number, count: number, found: Map<string, number>): Promise<void> {
    const { streams: client, args } = await this.connection.streams();
    const { runtime, callLimitMs } = this.connection;
    const call = client.read(readRequest(before, count), ...args({ deadline: new Date(runtime.clock.now() + callLimitMs) }));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    call.on('data', (response: ReadResp) => {
      const event = response.getEvent()?.getEvent();
      if (event !== undefined)
        found.set(keyOf(streamNameOf(event.getStreamIdentifier()), uuidText(event.getId())), Number(event.getPreparePosition()));
    });
    call.on('error', (error: Error & { readonly code?: number }) => {
      if (error.code === status.UNAVAILABLE) this.connection.lost(client, error);
      reject(commandError(error));
    });
    call.on('end', resolve);
    await this.connection.within(promise);
  }
}

function readRequest(before: number, count: number): InstanceType<typeof streams.ReadReq> {
  const position = new streams.ReadReq.Options.Position();
  position.setCommitPosition(String(before));
  position.setPreparePosition(String(before));
  const all = new streams.ReadReq.Options.AllOptions();
  all.setPosition(position);
  const uuids = new streams.ReadReq.Options.UUIDOption();
  uuids.setString(new shared.Empty());
  const options = new streams.ReadReq.Options();
  options.setAll(all);
  options.setReadDirection(streams.ReadReq.Options.ReadDirection.BACKWARDS);
  options.setCount(String(count));
  options.setUuidOption(uuids);
  options.setNoFilter(new shared.Empty());
  const request = new streams.ReadReq();
  request.setOptions(options);
  return request;
}

/** An id is once in a stream, and may be in another. */
function keyOf(stream: string, id: string): string {
  return `${id} ${stream}`;
}

function ascending(positions: readonly (number | undefined)[]): positions is readonly number[] {
  return positions.every((position, index) => index === 0 || (position ?? 0) > (positions[index - 1] ?? 0));
}
