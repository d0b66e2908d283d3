import type { EventStore } from '@tutti/event-store';
import { streamCategory, type EventMetadata, type JsonObject, type NewEvent, type RecordedEvent } from '@tutti/kernel';
import type { SpanOptions, Tracer } from '@tutti/service-kit';

/**
 * The same store, where appends and reads of streams are spans of whatever trace they are made in; outside of one they are none, so what a service does for itself fills no
 * traces. An event that does not say which trace it is of gets the one that it is appended in. Subscribers are called outside of any: events come of many.
 *
 * @param system as OpenTelemetry names databases, like `eventstoredb`
 */
export function traceEventStore(store: EventStore, tracer: Tracer, system: string): EventStore {
  if (!tracer.enabled) return store;
  const spanOf = (operation: string, stream: string): SpanOptions => {
    const category = streamCategory(stream);
    return {
      name: `${operation} ${category}`,
      kind: 'client',
      attributes: {
        'db.system.name': system,
        'db.operation.name': operation,
        'db.collection.name': category,
        ...(category === 'run' ? { 'tutti.run.id': stream.slice(category.length + 1) } : { 'tutti.stream': stream }),
      },
    };
  };
  return {
    append(stream, events, expected) {
      const active = tracer.active();
      if (active === null) return store.append(stream, events, expected);
      return tracer.inSpan(spanOf('append', stream), (span) => {
        span.set({ 'db.operation.batch.size': events.length });
        return store.append(stream, inTrace(events, active), expected);
      });
    },
    readStream(stream, options) {
      const read = store.readStream(stream, options);
      return tracer.active() === null ? read : tracedRead(read, tracer, spanOf('read', stream));
    },
    readAll: (options) => store.readAll(options),
    subscribe: (options) =>
      store.subscribe({ ...options, onBatch: (events, head) => tracer.within(null, () => options.onBatch(events, head)) }),
    head: () => store.head(),
    loadSnapshot: (stream) => store.loadSnapshot(stream),
    saveSnapshot: (stream, snapshot) => store.saveSnapshot(stream, snapshot),
  };
}

/** Events that share their metadata share it still: a store writes a shared one out once. */
function inTrace<Data extends JsonObject>(events: readonly NewEvent<Data>[], traceparent: string): readonly NewEvent<Data>[] {
  const traced = new Map<EventMetadata, EventMetadata>();
  return events.map((event) => {
    const { metadata } = event;
    if (metadata.traceparent !== null) return event;
    const known = traced.get(metadata) ?? { ...metadata, traceparent };
    traced.set(metadata, known);
    return { ...event, metadata: known };
  });
}

async function* tracedRead(events: AsyncIterable<RecordedEvent>, tracer: Tracer, options: SpanOptions): AsyncIterable<RecordedEvent> {
  const span = tracer.start(options);
  let count = 0;
  try {
    for await (const event of events) {
      count += 1;
      yield event;
    }
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    span.set({ 'db.response.returned_rows': count });
    span.end();
  }
}
