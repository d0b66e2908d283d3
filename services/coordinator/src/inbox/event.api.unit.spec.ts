import { describe, expect, it } from '@jest/globals';
import type { InboxEvent, PublishEventRequest } from '@tutti/contracts';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { createManualRuntime } from '@tutti/kernel/testing';
import { createValueStore, silentLogger } from '@tutti/service-kit';
import { EventApi } from './event.api.js';
import { Inbox } from './inbox.js';
import { Webhooks } from './webhooks.js';

function setUp() {
  const runtime = createManualRuntime();
  const store = createInMemoryEventStore(runtime);
  const blobs = { put: () => Promise.resolve('b'.repeat(64)), get: () => Promise.resolve(new Uint8Array()) };
  const inbox = new Inbox(store, createValueStore({ inlineLimitBytes: 1_000, blobs }));
  const webhooks = new Webhooks({ inbox, secretsOf: () => [], secrets: {}, runtime, logger: silentLogger });
  const received = async (): Promise<readonly InboxEvent['data'][]> => {
    const events: InboxEvent['data'][] = [];
    for await (const event of store.readAll()) events.push(event.data as unknown as InboxEvent['data']);
    return events;
  };
  return { api: new EventApi({ inbox, webhooks }), received, store };
}

const EVENT: PublishEventRequest = {
  ...{ id: 'e1', source: '/shop', type: 'order.paid', subject: '', time: '', dataContentType: '', data: { sum: 3 } },
  ...{ extensions: {}, actor: 'user:ann', traceparent: '' },
};

describe('publishing an event', () => {
  it('records it in the stream of its source, what is empty as nothing', async () => {
    const { api, received, store } = setUp();
    expect(await api.publishEvent(EVENT)).toEqual({ position: 0 });
    expect(await received()).toEqual([
      {
        source: '/shop',
        eventId: 'e1',
        eventType: 'order.paid',
        subject: null,
        occurredAt: null,
        data: { inline: { sum: 3 } },
        receivedFrom: 'api',
      },
    ]);
    for await (const event of store.readStream('inbox-/shop')) expect(event.metadata.actor).toBe('user:ann');
  });

  it('records it once for a source and an id, and the id of another source as another event', async () => {
    const { api, received } = setUp();
    await api.publishEvent(EVENT);
    expect(await api.publishEvent({ ...EVENT, actor: 'user:bob' })).toEqual({ position: 0 });
    await api.publishEvent({ ...EVENT, source: '/bank' });
    expect(await received()).toHaveLength(2);
    await expect(api.publishEvent({ ...EVENT, data: { sum: 4 } })).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  });

  it('keeps large data beside the log, and takes an event without any', async () => {
    const { api, received } = setUp();
    await api.publishEvent({ ...EVENT, data: 'x'.repeat(2_000) });
    await api.publishEvent({ ...EVENT, id: 'e2', data: undefined });
    expect((await received()).map(({ data }) => data)).toEqual([{ blob: 'b'.repeat(64), bytes: 2_002 }, { inline: null }]);
  });

  it.each([
    [{ type: 'RunSucceeded' }, 'type'],
    [{ type: 'two words' }, 'type'],
    [{ source: 'tutti' }, 'source'],
    [{ source: '/hooks/shop' }, 'source'],
    [{ source: '/files/drop' }, 'source'],
    [{ id: '' }, 'id'],
    [{ time: 'yesterday' }, 'time'],
    [{ dataContentType: 'text/plain' }, 'dataContentType'],
    [{ extensions: { UPPER: 'x' } }, 'extensions'],
    [{ extensions: { deep: { x: 1 } } }, 'extensions'],
    [{ actor: '' }, 'actor'],
  ])('refuses %j', async (changes, member) => {
    const { api, received } = setUp();
    await expect(api.publishEvent({ ...EVENT, ...changes })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining(member),
    });
    expect(await received()).toEqual([]);
  });
});
