import { inboxEvents, type EventReceived } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import { eventMetadata, isTuttiError, newEvent, sha256Hex, TuttiError, type JsonValue } from '@tutti/kernel';
import type { ValueStore } from '@tutti/service-kit';
import { hashedId } from './hashed-id.js';

export interface IncomingEvent {
  readonly source: string;
  /** Unique within the source. */
  readonly id: string;
  readonly type: string;
  readonly subject: string | null;
  /** As its sender says; null when it does not. */
  readonly time: string | null;
  readonly dataContentType?: string;
  readonly data: JsonValue;
  readonly extensions?: Readonly<Record<string, string | number | boolean>>;
}

export interface Reception {
  readonly from: EventReceived['receivedFrom'];
  readonly actor: string;
  readonly traceparent?: string | null;
}

/** What a stream's name may hold of a source as it is; other sources are named by their hash. */
const PLAIN_SOURCE = /^[\w.:/-]{1,150}$/;

export function inboxStream(source: string): string {
  return `inbox-${PLAIN_SOURCE.test(source) ? source : sha256Hex(source)}`;
}

/** The one way in for what happens outside: it is recorded first, and acted upon by whoever follows the records. */
export class Inbox {
  constructor(
    private readonly store: Pick<EventStore, 'append'>,
    private readonly values: Pick<ValueStore, 'store'>,
  ) {}

  /**
   * Answers when it is durable. What comes again under the same source and id is recorded once, and answered like the first time.
   *
   * @returns its position in the store
   * @throws TuttiError IDEMPOTENCY_CONFLICT when another event has this source and id · PAYLOAD_TOO_LARGE · what the store says
   */
  async receive(event: IncomingEvent, { from, actor, traceparent = null }: Reception): Promise<number> {
    const { source, id, type, subject, time, dataContentType, data, extensions } = event;
    const received: EventReceived = {
      ...{ source, eventId: id, eventType: type, subject, occurredAt: time },
      ...(dataContentType === undefined ? {} : { dataContentType }),
      ...{ data: await this.values.store(data), receivedFrom: from },
      ...(extensions === undefined || Object.keys(extensions).length === 0 ? {} : { extensions }),
    };
    const stream = inboxStream(source);
    const metadata = eventMetadata({ correlationId: stream, actor, traceparent });
    const recorded = newEvent(hashedId(`${source}\n${id}`), inboxEvents.EventReceived, received, metadata);
    try {
      return (await this.store.append(stream, [recorded], 'any')).position;
    } catch (error) {
      if (!isTuttiError(error, 'IDEMPOTENCY_CONFLICT')) throw error;
      throw new TuttiError('IDEMPOTENCY_CONFLICT', `source "${source}" has sent another event with the id "${id}" before`, {
        cause: error,
      });
    }
  }
}
