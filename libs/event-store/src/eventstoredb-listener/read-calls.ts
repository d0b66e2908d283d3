import { status, type ServerWritableStream } from '@grpc/grpc-js';
import { streamCategory, type Ids, type RecordedEvent } from '@tutti/kernel';
import type { EventStore } from '../event-store.port.js';
import { placed } from './append-answers.js';
import { EVERYTHING, wireFilter, type WireFilter } from './event-filter.js';
import { fault, faultOf, streamDeleted } from './faults.js';
import {
  streamIdentifier,
  streamNameOf,
  streams,
  streamsGrpc,
  type ReadOptions,
  type ReadReq,
  type ReadResp,
} from '../eventstoredb/messages.js';
import type { SentEvents } from './sent-events.js';
import { isReadable, readStreamState } from './stream-state.js';

/** A message, or the bytes of one. */
type ReadAnswer = ReadResp | Buffer;

export type ReadCall = ServerWritableStream<ReadReq, ReadAnswer>;

/** `Read` of the service, which takes bytes as they are. */
export const READ_METHOD = {
  ...streamsGrpc.StreamsService.read,
  responseSerialize: (answer: ReadAnswer): Buffer =>
    Buffer.isBuffer(answer) ? answer : streamsGrpc.StreamsService.read.responseSerialize(answer),
};

interface ReadParts {
  readonly store: EventStore;
  readonly ids: Ids;
  readonly sent: SentEvents;
  readonly open: { calls: number };
}

/** Reads and subscriptions of all clients at once. */
const MAX_CALLS = 5_000;

/** `Read`: a stream or all of them, both ways, once or as a subscription. Ends the call. */
export async function takeRead(parts: ReadParts, call: ReadCall): Promise<void> {
  const { open } = parts;
  open.calls += 1;
  try {
    if (open.calls > MAX_CALLS) throw fault(status.RESOURCE_EXHAUSTED, 'too-many-calls', `at most ${MAX_CALLS} reads at once`);
    const options = call.request.getOptions();
    if (options === undefined) throw fault(status.INVALID_ARGUMENT, 'invalid-argument', 'a read has options');
    const read = new WireRead(parts, call, options);
    if (options.hasSubscription()) await read.subscribe();
    else await read.once();
    call.end();
  } catch (error) {
    if (!call.cancelled) call.emit('error', faultOf(error));
  } finally {
    open.calls -= 1;
  }
}

class WireRead {
  private readonly stream: string | null;
  private readonly backwards: boolean;
  private readonly filter: WireFilter;

  constructor(
    private readonly parts: ReadParts,
    private readonly call: ReadCall,
    private readonly options: ReadOptions,
  ) {
    this.stream = options.hasStream() ? streamNameOf(options.getStream()?.getStreamIdentifier()) : null;
    this.backwards = options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS;
    const filter = options.getFilter();
    try {
      this.filter = filter === undefined ? EVERYTHING : wireFilter(filter);
    } catch (error) {
      throw fault(status.INVALID_ARGUMENT, 'invalid-argument', error instanceof Error ? error.message : String(error));
    }
  }

  async once(): Promise<void> {
    const limit = Number(this.options.getCount());
    if (this.stream !== null) return this.readStream(this.stream, limit);
    const from = this.allFrom();
    // Of what is filtered nobody knows how much has to be looked at.
    const most = this.filter === EVERYTHING ? { limit } : {};
    const events = this.parts.store.readAll({ direction: this.direction, ...most, ...(from === null ? {} : { from }) });
    let given = 0;
    for await (const event of events) {
      if (given >= limit || this.call.cancelled) return;
      if (!this.filter.matches(event)) continue;
      given += 1;
      await this.give(event);
    }
  }

  async subscribe(): Promise<void> {
    const confirmation = new streams.ReadResp.SubscriptionConfirmation();
    confirmation.setSubscriptionId(this.parts.ids.next());
    const confirmed = new streams.ReadResp();
    confirmed.setConfirmation(confirmation);
    await this.send(confirmed);
    const { stream } = this;
    const head = await this.parts.store.head();
    const state = stream === null ? null : await readStreamState(this.parts.store, stream);
    if (stream !== null && state?.tombstoned === true) throw streamDeleted(stream);
    const afterRevision = stream === null ? -1 : this.revisionAfter(state?.revision ?? -1, state?.first ?? 0);
    let caughtUp = false;
    let unsaid = 0;
    const source = this.parts.store.subscribe({
      after: stream === null ? this.allAfter(head) : -1,
      ...(stream === null ? {} : { filter: { categories: [streamCategory(stream)] } }),
      onBatch: async (events, through) => {
        for (const event of events) {
          if (this.call.cancelled) return;
          const wanted = stream === null ? this.filter.matches(event) : event.stream === stream && event.revision > afterRevision;
          unsaid += 1;
          if (wanted) {
            unsaid = 0;
            await this.give(event, caughtUp);
          } else if (unsaid >= this.filter.checkpointEvery) {
            unsaid = 0;
            await this.checkpoint(event.position);
          }
        }
        if (caughtUp || through < head) return;
        caughtUp = true;
        if (this.filter !== EVERYTHING) await this.checkpoint(through);
        await this.sayCaughtUp();
      },
    });
    if (head < 0 || (stream === null && this.allAfter(head) >= head)) {
      caughtUp = true;
      await this.sayCaughtUp();
    }
    this.call.on('cancelled', () => void source.close());
    // It may have been let go before anybody listened.
    if (this.call.cancelled) void source.close();
    await source.ended;
    if (!this.call.cancelled) throw fault(status.UNAVAILABLE, 'unavailable', 'the server is going down');
  }

  private async readStream(stream: string, limit: number): Promise<void> {
    const state = await readStreamState(this.parts.store, stream);
    if (state.tombstoned) throw streamDeleted(stream);
    if (!isReadable(state)) {
      const notFound = new streams.ReadResp.StreamNotFound();
      notFound.setStreamIdentifier(streamIdentifier(stream));
      const response = new streams.ReadResp();
      response.setStreamNotFound(notFound);
      return this.send(response);
    }
    const options = this.options.getStream();
    const asked =
      options?.hasRevision() === true
        ? Number(options.getRevision())
        : this.backwards || options?.hasEnd() === true
          ? state.revision
          : state.first;
    const from = this.backwards ? asked : Math.max(asked, state.first);
    if (limit <= 0) return;
    for await (const event of this.parts.store.readStream(stream, { direction: this.direction, from, limit })) {
      if (this.call.cancelled || event.revision < state.first) return;
      await this.give(event);
    }
  }

  private get direction(): 'forwards' | 'backwards' {
    return this.backwards ? 'backwards' : 'forwards';
  }

  /** Null for where a read in its direction begins. */
  private allFrom(): number | null {
    const all = this.options.getAll();
    if (all?.hasPosition() === true) {
      const position = Number(all.getPosition()?.getPreparePosition());
      // The server reads the log: backwards it begins with what stands before a position, forwards with what stands at it.
      return this.backwards ? position - 1 : position;
    }
    if (all?.hasEnd() === true && !this.backwards) return Number.MAX_SAFE_INTEGER;
    return all?.hasStart() === true && this.backwards ? -1 : null;
  }

  /** A subscription gives what comes behind its position. */
  private allAfter(head: number): number {
    const all = this.options.getAll();
    if (all?.hasPosition() === true) return Number(all.getPosition()?.getPreparePosition());
    return all?.hasEnd() === true ? head : -1;
  }

  private revisionAfter(revision: number, first: number): number {
    const options = this.options.getStream();
    if (options?.hasRevision() === true) return Math.max(Number(options.getRevision()), first - 1);
    return options?.hasEnd() === true ? revision : first - 1;
  }

  private give(event: RecordedEvent, isNew = false): Promise<void> {
    return this.send(this.parts.sent.bytesOf(event, isNew));
  }

  private checkpoint(position: number): Promise<void> {
    const response = new streams.ReadResp();
    response.setCheckpoint(placed(new streams.ReadResp.Checkpoint(), position));
    return this.send(response);
  }

  private sayCaughtUp(): Promise<void> {
    const response = new streams.ReadResp();
    response.setCaughtUp(new streams.ReadResp.CaughtUp());
    return this.send(response);
  }

  /** Waits while the reader is slow. */
  private async send(response: ReadAnswer): Promise<void> {
    const { call } = this;
    if (call.cancelled || call.write(response)) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        call.off('drain', go).off('cancelled', go).off('close', go);
        resolve();
      };
      call.once('drain', go).once('cancelled', go).once('close', go);
    });
  }
}
