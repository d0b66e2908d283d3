import { limitEvents, upcast, type LimitEvent } from '@tutti/contracts';
import { handleCommand, type EventStore, type SnapshotPolicy } from '@tutti/event-store';
import { eventMetadata, newEvent, sha256Hex, type JsonValue, type NewEvent, type RecordedEvent, type Runtime } from '@tutti/kernel';
import { limitDecider, type LimitCommand } from './limit.decider.js';
import type { LimitState } from './limit.state.js';

/** What a stream's name may hold of a scope as it is; other scopes are named by their hash. */
const PLAIN_SCOPE = /^[\w.:/-]{1,150}$/;
const EVENTS_PER_SNAPSHOT = 100;

export function limitStream(scope: string): string {
  return `limit-${PLAIN_SCOPE.test(scope) ? scope : sha256Hex(scope)}`;
}

export interface LimitOutcome {
  readonly state: LimitState;
  /** What was decided and is now durable. */
  readonly events: readonly LimitEvent[];
  /** Position of the stream's last event; -1 when there is no stream. */
  readonly position: number;
}

/** The streams `limit-{scope}`: the one place where permits become an owner's. */
export class LimitLedger {
  constructor(
    private readonly store: EventStore,
    private readonly runtime: Pick<Runtime, 'ids'>,
  ) {}

  /** @throws TuttiError what the store says; REVISION_CONFLICT when others were faster several times */
  handle(scope: string, command: LimitCommand): Promise<LimitOutcome> {
    const stream = limitStream(scope);
    return handleCommand(this.store, {
      stream,
      decider: limitDecider,
      command,
      encode: (event) => this.encode(event, stream),
      decode: (recorded: RecordedEvent) => upcast(recorded) as unknown as LimitEvent,
      snapshots,
    });
  }

  private encode({ type, data }: LimitEvent, stream: string): NewEvent {
    const metadata = eventMetadata({ correlationId: stream, actor: 'service:coordinator' });
    return newEvent(this.runtime.ids.next(), limitEvents[type], data, metadata);
  }
}

const snapshots: SnapshotPolicy<LimitState> = {
  schemaVersion: 1,
  every: EVENTS_PER_SNAPSHOT,
  encode: ({ leases, window, adopted, awaiting }): JsonValue => ({
    leases: [...leases].map(([lease, { count, expiresMs }]) => [lease, count, expiresMs]),
    window: window === null ? null : [window.startsMs, [...window.reserved].map(([lease, count]) => [lease, count])],
    adopted: [...adopted],
    awaiting: [...awaiting],
  }),
  decode: (stored): LimitState => {
    const { leases, window, adopted, awaiting } = stored as unknown as StoredState;
    return {
      leases: new Map(leases.map(([lease, count, expiresMs]) => [lease, { count, expiresMs }])),
      window: window === null ? null : { startsMs: window[0], reserved: new Map(window[1]) },
      adopted: new Map(adopted),
      awaiting: new Set(awaiting),
    };
  },
};

interface StoredState {
  readonly leases: readonly (readonly [string, number, number])[];
  readonly window: readonly [number, readonly (readonly [string, number])[]] | null;
  readonly adopted: readonly (readonly [string, string])[];
  readonly awaiting: readonly string[];
}
