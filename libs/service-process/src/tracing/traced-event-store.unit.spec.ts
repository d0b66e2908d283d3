import { beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStore } from '@tutti/event-store';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { eventMetadata, type NewEvent } from '@tutti/kernel';
import { createManualRuntime } from '@tutti/kernel/testing';
import { NO_TRACER } from '@tutti/service-kit';
import { recordTracing, type RecordedTracing } from '@tutti/service-kit/testing';
import { traceEventStore } from './traced-event-store.js';

const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const OTHER = '00-1af7651916cd43dd8448eb211c80319c-c7ad6b7169203331-01';
const METADATA = eventMetadata({ correlationId: 'c', actor: 'user:ann' });

describe('a traced store', () => {
  let tracing: RecordedTracing;
  let plain: EventStore;
  let store: EventStore;
  let next = 0;
  beforeEach(() => {
    tracing = recordTracing();
    plain = createInMemoryEventStore(createManualRuntime());
    store = traceEventStore(plain, tracing.tracer, 'tutti');
  });
  const event = (metadata = METADATA): NewEvent => ({ id: `e${next++}`, type: 'Done', schemaVersion: 1, data: {}, metadata });
  const inTrace = <Result>(work: () => Result): Result => tracing.tracer.within(CALLER, work);

  it('is the store itself where nothing is traced', () => {
    expect(traceEventStore(plain, NO_TRACER, 'tutti')).toBe(plain);
  });

  it('makes a span of an append and of a read of a stream in a trace, and none outside of one', async () => {
    await store.append('run-r1', [event()], 'no-stream');
    expect(await count(store.readStream('run-r1'))).toBe(1);
    expect(tracing.spans()).toEqual([]);
    await inTrace(async () => {
      await store.append('run-r1', [event(), event()], 0);
      await count(store.readStream('run-r1'));
    });
    expect(tracing.spans()).toMatchObject([
      {
        ...{ name: 'append run', kind: 'client', parentId: 'b7ad6b7169203331' },
        attributes: { 'db.system.name': 'tutti', 'db.operation.batch.size': 2, 'tutti.run.id': 'r1' },
      },
      { name: 'read run', kind: 'client', attributes: { 'db.response.returned_rows': 3 } },
    ]);
  });

  it('ends the span of a read that its reader breaks off', async () => {
    await store.append('run-r1', [event(), event()], 'no-stream');
    await inTrace(async () => {
      for await (const found of store.readStream('run-r1')) if (found.revision === 0) break;
    });
    expect(tracing.spans()).toMatchObject([{ name: 'read run', failed: false, attributes: { 'db.response.returned_rows': 1 } }]);
  });

  it('marks an append that was refused with the code, and throws it on', async () => {
    await inTrace(() => expect(store.append('run-r1', [event()], 7)).rejects.toMatchObject({ code: 'REVISION_CONFLICT' }));
    expect(tracing.spans()).toMatchObject([{ failed: true, attributes: { 'error.type': 'REVISION_CONFLICT' } }]);
  });

  it('gives an event that names no trace the one that it is appended in, and leaves another as it is', async () => {
    const { events } = await inTrace(() => store.append('a-1', [event(), event({ ...METADATA, traceparent: OTHER })], 'any'));
    expect(events.map(({ metadata }) => metadata.traceparent)).toEqual([CALLER, OTHER]);
  });

  it('keeps metadata shared that came shared', async () => {
    const appended: unknown[] = [];
    const heeding: EventStore = {
      ...plain,
      append: (_, events) => {
        appended.push(...events.map(({ metadata }) => metadata));
        return Promise.reject(new Error('enough'));
      },
    };
    const traced = traceEventStore(heeding, tracing.tracer, 'tutti');
    await inTrace(() => expect(traced.append('a-1', [event(), event()], 'any')).rejects.toThrow('enough'));
    expect(appended).toHaveLength(2);
    expect(appended[0]).toBe(appended[1]);
  });

  it('calls subscribers outside of the trace that their events were appended in', async () => {
    const active: (string | null)[] = [];
    const subscription = store.subscribe({ after: -1, onBatch: () => void active.push(tracing.tracer.active()) });
    await inTrace(() => store.append('a-1', [event()], 'any'));
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    await subscription.close();
    expect(active.length).toBeGreaterThan(0);
    expect(new Set(active)).toEqual(new Set([null]));
  });
});

async function count(events: AsyncIterable<unknown>): Promise<number> {
  let found = 0;
  for await (const _ of events) found += 1;
  return found;
}
