import { isTuttiError } from '@tutti/kernel';
import type { EventStore, ExpectedRevision } from '../event-store.port.js';
import { appendTooLarge, fault, faultOf, streamDeleted } from './faults.js';
import { status } from '@grpc/grpc-js';
import { storedEvent, type WireEvent } from './stored-event.js';
import { readStreamState, TOMBSTONE_TYPE } from './stream-state.js';

export type WireExpectation = number | 'any' | 'no-stream' | 'stream-exists';

export interface Appended {
  readonly revision: number;
  readonly position: number | null;
}

/** The stream is elsewhere than expected; `current` -1 for one that does not exist. */
export interface WrongRevision {
  readonly expected: WireExpectation;
  readonly current: number;
}

export type AppendOutcome = { readonly appended: Appended } | { readonly wrong: WrongRevision };

const MAX_EVENTS = 100_000;

/** Appends by the rules of EventStoreDB to the store of Tutti. */
export class Appending {
  private constructor(
    private readonly store: EventStore,
    private readonly maxAppendBytes: number,
    /** Streams that are ended for ever; few, so that an append need not look whether its stream is one. */
    private readonly tombstoned: Set<string>,
  ) {}

  static async open(store: EventStore, maxAppendBytes: number): Promise<Appending> {
    const tombstoned = new Set<string>();
    for await (const { stream } of store.readAll({ filter: { types: [TOMBSTONE_TYPE] } })) tombstoned.add(stream);
    return new Appending(store, maxAppendBytes, tombstoned);
  }

  /** @throws ServiceError as the server would answer it */
  async append(stream: string, expected: WireExpectation, events: readonly WireEvent[]): Promise<AppendOutcome> {
    this.check(stream, events);
    if (this.tombstoned.has(stream)) throw streamDeleted(stream);
    if (events.length === 0) return this.expectOnly(stream, expected);
    // Whether it exists is no revision: it is looked at before.
    if (expected === 'stream-exists' && (await readStreamState(this.store, stream)).revision < 0)
      return { wrong: { expected, current: -1 } };
    try {
      return await this.write(stream, expected === 'stream-exists' ? 'any' : expected, events);
    } catch (error) {
      if (isTuttiError(error, 'REVISION_CONFLICT')) {
        const state = await readStreamState(this.store, stream);
        // A deleted stream may be begun again: it goes on with the next revision.
        if (expected === 'no-stream' && state.revision >= 0 && state.first > state.revision) return this.write(stream, 'any', events);
        return { wrong: { expected, current: Number((error.details as { readonly actual: number }).actual) } };
      }
      // Some of the events are there already: for the server that is another revision than expected, too.
      if (isTuttiError(error, 'IDEMPOTENCY_CONFLICT'))
        return { wrong: { expected, current: (await readStreamState(this.store, stream)).revision } };
      if (isTuttiError(error, 'PAYLOAD_TOO_LARGE')) throw appendTooLarge(this.maxAppendBytes);
      throw faultOf(error);
    }
  }

  private async expectOnly(stream: string, expected: WireExpectation): Promise<AppendOutcome> {
    const { revision } = await readStreamState(this.store, stream);
    const matches =
      expected === 'any' || (expected === 'stream-exists' ? revision >= 0 : (expected === 'no-stream' ? -1 : expected) === revision);
    return matches ? { appended: { revision, position: null } } : { wrong: { expected, current: revision } };
  }

  private async write(stream: string, expected: ExpectedRevision, events: readonly WireEvent[]): Promise<AppendOutcome> {
    const { revision, position } = await this.store.append(stream, events.map(storedEvent), expected);
    if (events.some(({ type }) => type === TOMBSTONE_TYPE)) this.tombstoned.add(stream);
    return { appended: { revision, position } };
  }

  private check(stream: string, events: readonly WireEvent[]): void {
    if (stream === '') throw fault(status.INVALID_ARGUMENT, 'invalid-argument', 'the stream has no name');
    if (events.length > MAX_EVENTS)
      throw fault(status.INVALID_ARGUMENT, 'invalid-argument', `${events.length} events; at most ${MAX_EVENTS} are taken at once`);
    const bytes = events.reduce((sum, { data, metadata }) => sum + data.length + metadata.length, 0);
    if (bytes > this.maxAppendBytes) throw appendTooLarge(this.maxAppendBytes);
    for (const { id, type } of events) {
      if (type !== '' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) continue;
      throw fault(status.INVALID_ARGUMENT, 'missing-required-metadata-property', 'an event has no type, or an id that is none', {
        'required-metadata-properties': 'type,content-type',
      });
    }
  }
}
