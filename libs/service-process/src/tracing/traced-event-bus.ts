import type { Delivery, EventBus } from '@tutti/event-bus';
import { isJsonObject, type Clock, type JsonValue } from '@tutti/kernel';
import { isLongWait, type SpanAttributes, type SpanOptions, type Tracer } from '@tutti/service-kit';
import { messaging, tracePublish } from './traced-publish.js';

interface TracedBusOptions {
  readonly tracer: Tracer;
  readonly clock: Pick<Clock, 'now'>;
  /** As OpenTelemetry names messaging systems, like `kafka`. */
  readonly system: string;
}

/**
 * The same bus, where a publication is a span in each of the traces that its messages are of, and handling one a span in the message's. A message that waited long is handled in a
 * trace of its own, with a link. A message that is of no trace gets the one that it is published in.
 */
export function traceEventBus(bus: EventBus, { tracer, clock, system }: TracedBusOptions): EventBus {
  if (!tracer.enabled) return bus;
  return {
    publish: tracePublish((topic, messages) => bus.publish(topic, messages), { tracer, system }),
    subscribe: (options) =>
      bus.subscribe({
        ...options,
        handle: (delivery) => {
          const { traceparent } = delivery;
          if (traceparent === undefined) return tracer.within(null, () => options.handle(delivery));
          const attributes = { ...messaging(system, delivery.topic, 'process', 'process'), ...describe(delivery, options.group) };
          const place = isLongWait(clock.now() - sentAt(delivery.id)) ? { parent: null, links: [traceparent] } : { parent: traceparent };
          const span: SpanOptions = { name: `process ${delivery.topic}`, kind: 'consumer', ...place, attributes };
          return tracer.inSpan(span, () => options.handle(delivery));
        },
      }),
    members: (topic, group) => bus.members(topic, group),
    forgetMember: (topic, group, member) => bus.forgetMember(topic, group, member),
    get deadLetters() {
      return bus.deadLetters;
    },
  };
}

function describe({ id, type, delivery, payload }: Delivery, group: string): SpanAttributes {
  return {
    'messaging.consumer.group.name': group,
    'messaging.message.id': id,
    'tutti.message.type': type,
    'tutti.message.delivery': delivery,
    ...taskOf(payload),
  };
}

function taskOf(payload: JsonValue): SpanAttributes {
  if (!isJsonObject(payload)) return {};
  const { runId, task, attempt } = payload;
  return {
    ...(typeof runId === 'string' ? { 'tutti.run.id': runId } : {}),
    ...(typeof task === 'string' ? { 'tutti.task.id': task } : {}),
    ...(typeof attempt === 'number' ? { 'tutti.attempt': attempt } : {}),
  };
}

/** What a UUIDv7 says of the time it was made; for any other id, that it is not long ago. */
function sentAt(id: string): number {
  const [, high, low] = /^([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(id) ?? [];
  return high === undefined || low === undefined ? Infinity : Number.parseInt(`${high}${low}`, 16);
}
