import type { EventFilter } from '@tutti/event-store';
import type { RecordedEvent } from '@tutti/kernel';
import type { BusMessage } from './event-bus.port.js';

/**
 * A topic whose messages follow from recorded events, so that nothing is published that is not stored. Embedded, a group reads it straight
 * from the log; elsewhere a relay publishes what it gives. Pure: the same event always gives the same messages, with the same ids.
 */
export interface TopicView {
  readonly topic: string;
  readonly filter: EventFilter;
  readonly messages: (event: RecordedEvent) => readonly BusMessage[];
}
