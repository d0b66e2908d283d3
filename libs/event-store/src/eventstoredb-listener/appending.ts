import { isTuttiError } from '@tutti/kernel';
import type { AppendResult, EventStore, ExpectedRevision } from '../event-store.port.js';
import { appendTooLarge, fault, faultOf, streamDeleted } from './faults.js';
import { status } from '@grpc/grpc-js';
import { storedEvent, type WireEvent } from './stored-event.js';
import { readStreamState } from './stream-state.js';

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
  constructor(
    private readonly store: EventStore,
    private readonly maxAppendBytes: number,
  ) {}

  /** @throws ServiceError as the server would answer it */
  async append(stream: string, expected: WireExpectation, events: readonly WireEvent[]): Promise<AppendOutcome> {
    this.check(stream, events);
    const state = await readStreamState(this.store, stream);
    if (state.tombstoned) throw streamDeleted(stream);
    const wrong = (current: number): AppendOutcome => ({ wrong: { expected, current } });
    if (expected === 'stream-exists' && state.revision < 0) return wrong(-1);
    if (events.length === 0) {
      const matches = expected === 'any' || expected === 'stream-exists' || (expected === 'no-stream' ? -1 : expected) === state.revision;
      return matches ? { appended: { revision: state.revision, position: null } } : wrong(state.revision);
    }
    try {
      const { revision, position } = await this.write(stream, expected, events, state.first > state.revision && state.revision >= 0);
      return { appended: { revision, position } };
    } catch (error) {
      if (isTuttiError(error, 'REVISION_CONFLICT')) return wrong(Number((error.details as { readonly actual: number }).actual));
      // Some of the events are there already: for the server that is another revision than expected, too.
      if (isTuttiError(error, 'IDEMPOTENCY_CONFLICT')) return wrong((await readStreamState(this.store, stream)).revision);
      if (isTuttiError(error, 'PAYLOAD_TOO_LARGE')) throw appendTooLarge(this.maxAppendBytes);
      throw faultOf(error);
    }
  }

  private write(stream: string, expected: WireExpectation, events: readonly WireEvent[], wasDeleted: boolean): Promise<AppendResult> {
    // A deleted stream may be begun again: it goes on with the next revision.
    const from: ExpectedRevision = expected === 'stream-exists' || (expected === 'no-stream' && wasDeleted) ? 'any' : expected;
    return this.store.append(stream, events.map(storedEvent), from);
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
