import type { BusMessage } from '@tutti/event-bus';
import type { SpanAttributes, Tracer } from '@tutti/service-kit';

type Publish<Message extends BusMessage> = (topic: string, messages: readonly Message[]) => Promise<void>;

interface TracedPublishOptions {
  readonly tracer: Tracer;
  /** As OpenTelemetry names messaging systems, like `kafka`. */
  readonly system: string;
}

/** Spans of one publication; the messages of further traces go without. */
const MAX_SPANS = 64;

/**
 * Publishes as before, in a span of each of the traces that the messages are of: what goes out together came of many. A message that is of none gets the one that it is
 * published in; the others keep theirs.
 */
export function tracePublish<Message extends BusMessage>(
  publish: Publish<Message>,
  { tracer, system }: TracedPublishOptions,
): Publish<Message> {
  if (!tracer.enabled) return publish;
  return async (topic, messages) => {
    const active = tracer.active();
    const traced = active === null ? messages : messages.map((message) => inTrace(message, active));
    const attributes = messaging(system, topic, 'publish', 'send');
    const spans = [...countsOf(traced)].map(([parent, count]) =>
      tracer.start({
        ...{ name: `publish ${topic}`, kind: 'producer', parent },
        attributes: { ...attributes, 'messaging.batch.message_count': count },
      }),
    );
    try {
      await publish(topic, traced);
    } catch (error) {
      for (const span of spans) span.fail(error);
      throw error;
    } finally {
      for (const span of spans) span.end();
    }
  };
}

export function messaging(system: string, topic: string, name: string, type: string): SpanAttributes {
  return {
    'messaging.system': system,
    'messaging.destination.name': topic,
    'messaging.operation.name': name,
    'messaging.operation.type': type,
  };
}

/** Messages by their `traceparent`, of the first traces. */
function countsOf(messages: readonly BusMessage[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { traceparent } of messages) {
    if (traceparent === undefined || (!counts.has(traceparent) && counts.size >= MAX_SPANS)) continue;
    counts.set(traceparent, (counts.get(traceparent) ?? 0) + 1);
  }
  return counts;
}

function inTrace<Message extends BusMessage>(message: Message, traceparent: string): Message {
  return message.traceparent === undefined ? { ...message, traceparent } : message;
}
