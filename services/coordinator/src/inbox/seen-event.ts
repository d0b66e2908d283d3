import { upcast, type InboxEvent, type StoredValue } from '@tutti/contracts';
import type { JsonValue, RecordedEvent } from '@tutti/kernel';
import type { ValueStore } from '@tutti/service-kit';

/** Source of what Tutti itself recorded. Nothing from outside may call itself so. */
export const OWN_SOURCE = 'tutti';

/** An event as triggers and waiting steps see it, whether it came from outside or Tutti recorded it, in the words of CloudEvents. */
export interface SeenEvent {
  /** With `source` its identity. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** For one of Tutti's own, the stream it is in. */
  readonly subject: string | null;
  readonly time: string;
  readonly data: StoredValue;
  readonly recorded: RecordedEvent;
}

export function seenEvent(recorded: RecordedEvent): SeenEvent {
  const event = upcast(recorded);
  if (event.type !== 'EventReceived') {
    const { id, type, stream: subject, time } = event;
    return { id, source: OWN_SOURCE, type, subject, time, data: { inline: event.data }, recorded: event };
  }
  const { eventId: id, source, eventType: type, subject, occurredAt, data } = event.data as unknown as InboxEvent['data'];
  return { id, source, type, subject, time: occurredAt ?? event.time, data, recorded: event };
}

/** As expressions see it: `event`. */
export async function eventView(seen: SeenEvent, values: Pick<ValueStore, 'load'>): Promise<JsonValue> {
  const { id, source, type, subject, time, data } = seen;
  return { id, source, type, subject, time, data: await values.load(data) };
}
