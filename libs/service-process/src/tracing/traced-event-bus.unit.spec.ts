import { beforeEach, describe, expect, it } from '@jest/globals';
import type { BusMessage, EventBus } from '@tutti/event-bus';
import { createInMemoryEventBus } from '@tutti/event-bus/testing';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { NO_TRACER } from '@tutti/service-kit';
import { recordTracing, type RecordedTracing } from '@tutti/service-kit/testing';
import { traceEventBus } from './traced-event-bus.js';

const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const OTHER = '00-1af7651916cd43dd8448eb211c80319c-c7ad6b7169203331-01';
const TOPIC = 'tutti.tasks.default';

describe('a traced bus', () => {
  let tracing: RecordedTracing;
  let runtime: ManualRuntime;
  let plain: EventBus;
  let bus: EventBus;
  beforeEach(() => {
    tracing = recordTracing();
    runtime = createManualRuntime();
    plain = createInMemoryEventBus(runtime);
    bus = traceEventBus(plain, { tracer: tracing.tracer, clock: runtime.clock, system: 'kafka' });
  });
  const message = (traceparent?: string): BusMessage => ({
    ...{ id: runtime.ids.next(), type: 'task.assigned', key: 'k', payload: { runId: 'r1', task: 't', attempt: 2, secret: 'x' } },
    ...(traceparent === undefined ? {} : { traceparent }),
  });
  /** What was active while each was handled. */
  const handled = async (handle: () => Promise<void> = () => Promise.resolve()): Promise<(string | null)[]> => {
    const active: (string | null)[] = [];
    const once = async (): Promise<void> => {
      active.push(tracing.tracer.active());
      await handle();
    };
    const subscription = await bus.subscribe({ topic: TOPIC, group: 'workers', member: 'w1', maxDeliveries: 2, handle: once });
    for (let turn = 0; turn < 20; turn++) await runtime.advance(100);
    await subscription.close();
    return active;
  };

  it('is the bus itself where nothing is traced', () => {
    expect(traceEventBus(plain, { tracer: NO_TRACER, clock: runtime.clock, system: 'kafka' })).toBe(plain);
  });

  it('handles a message in a span below the one that it was sent in', async () => {
    await plain.publish(TOPIC, [message(CALLER)]);
    const [active] = await handled();
    const [span] = tracing.spans();
    expect(span).toMatchObject({ name: `process ${TOPIC}`, kind: 'consumer', parentId: 'b7ad6b7169203331', failed: false });
    expect(span?.attributes).toMatchObject({
      ...{ 'messaging.system': 'kafka', 'messaging.consumer.group.name': 'workers', 'messaging.operation.type': 'process' },
      ...{ 'tutti.run.id': 'r1', 'tutti.task.id': 't', 'tutti.attempt': 2 },
    });
    expect(JSON.stringify(span?.attributes)).not.toContain('secret');
    expect(active).toBe(`00-${span?.traceId}-${span?.spanId}-01`);
  });

  it('handles a message that waited long in a trace of its own, with a link', async () => {
    await plain.publish(TOPIC, [message(CALLER)]);
    await runtime.advance(60_000);
    await handled();
    expect(tracing.spans()).toMatchObject([{ parentId: null, links: [{ spanId: 'b7ad6b7169203331' }] }]);
  });

  it('handles a message of no trace in none', async () => {
    await plain.publish(TOPIC, [message()]);
    expect(await handled()).toEqual([null]);
    expect(tracing.spans()).toEqual([]);
  });

  it('marks each delivery that its handler rejected, and hands the rejection on', async () => {
    await plain.publish(TOPIC, [message(CALLER)]);
    await handled(() => Promise.reject(new Error('no')));
    expect(tracing.spans().map(({ failed, attributes }) => [failed, attributes['tutti.message.delivery']])).toEqual([
      [true, 1],
      [true, 2],
    ]);
    expect(await plain.deadLetters.list()).toHaveLength(1);
  });

  it('publishes in each of the traces that its messages are of', async () => {
    await bus.publish(TOPIC, [message(CALLER), message(OTHER), message(CALLER), message()]);
    const published = tracing
      .spans()
      .map(({ name, kind, parentId, attributes }) => [name, kind, parentId, attributes['messaging.batch.message_count']]);
    expect(published).toEqual([
      [`publish ${TOPIC}`, 'producer', 'b7ad6b7169203331', 2],
      [`publish ${TOPIC}`, 'producer', 'c7ad6b7169203331', 1],
    ]);
  });

  it('gives a message that names no trace the one that it is published in', async () => {
    await tracing.tracer.within(CALLER, () => bus.publish(TOPIC, [message()]));
    await handled();
    expect(tracing.spans().map(({ name, parentId }) => [name, parentId])).toEqual([
      [`publish ${TOPIC}`, 'b7ad6b7169203331'],
      [`process ${TOPIC}`, 'b7ad6b7169203331'],
    ]);
  });

  it('marks what could not be published, and throws it on', async () => {
    const failing = traceEventBus(
      { ...plain, publish: () => Promise.reject(new Error('away')) },
      { tracer: tracing.tracer, clock: runtime.clock, system: 'kafka' },
    );
    await expect(failing.publish(TOPIC, [message(CALLER)])).rejects.toThrow('away');
    expect(tracing.spans()).toMatchObject([{ failed: true }]);
  });
});
