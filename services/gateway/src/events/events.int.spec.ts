import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@tutti/kernel';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.js';

describe('events over REST', () => {
  let gateway: TestGateway;
  let run: readonly RecordedEvent[];
  let agent: readonly RecordedEvent[];
  beforeAll(async () => {
    gateway = await startTestGateway({ maxEventsPerPage: 3 });
    run = await gateway.append('run-r-1', 'RunCancelled', 'RunCancelled', 'RunCancelled', 'RunCancelled');
    agent = await gateway.append('agent-writer', 'AgentDeregistered');
  });
  afterAll(() => gateway.stop());

  it('gives a run’s events as they are recorded, page by page', async () => {
    const first = await gateway.call('GET', '/v1/runs/r-1/events?limit=3');
    expect(first).toMatchObject({ status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, json: { nextRevision: 3 } });
    const second = await gateway.call('GET', '/v1/runs/r-1/events?from=3&limit=3');
    expect(second.json['nextRevision']).toBeNull();
    expect([...(first.json['events'] as []), ...(second.json['events'] as [])]).toEqual(run);
  });

  it('gives no page after a run that ends with its page', async () => {
    expect((await gateway.call('GET', '/v1/runs/r-1/events?from=1&limit=3')).json['nextRevision']).toBeNull();
  });

  it('never gives more than the configured limit', async () => {
    expect((await gateway.call('GET', '/v1/runs/r-1/events?limit=1000')).json['events']).toHaveLength(3);
  });

  it('tells a run without further events from one that is not there', async () => {
    expect(await gateway.call('GET', '/v1/runs/r-1/events?from=99')).toMatchObject({
      status: 200,
      json: { events: [], nextRevision: null },
    });
    expect(await gateway.call('GET', '/v1/runs/r-2/events')).toMatchObject({ status: 404, json: { code: 'RUN_NOT_FOUND' } });
  });

  it('gives the events of all streams, without repeats or gaps between pages', async () => {
    const seen: unknown[] = [];
    let after = -1;
    for (let page = 0; page < 5; page++) {
      const { json } = await gateway.call('GET', `/v1/events?after=${after}&limit=2`);
      seen.push(...(json['events'] as []));
      after = json['nextAfter'] as number;
    }
    expect(seen).toEqual([...run, ...agent]);
    expect(after).toBe(agent[0]?.position);
  });

  it('filters by category and type, and moves past what does not match', async () => {
    const { json } = await gateway.call('GET', '/v1/events?category=agent&type=AgentDeregistered&type=Other');
    expect(json).toEqual({ events: agent, nextAfter: agent[0]?.position });
    const none = await gateway.call('GET', '/v1/events?category=workflow');
    expect(none.json).toEqual({ events: [], nextAfter: agent[0]?.position });
  });

  it('ends a page at its limit of bytes, with at least one event', async () => {
    const small = await startTestGateway({ maxEventPageBytes: 1024 });
    await small.append('run-r-1', ...Array.from({ length: 5 }, () => 'RunCancelled'));
    const { json } = await small.call('GET', '/v1/runs/r-1/events');
    const events = json['events'] as unknown[];
    expect(events.length).toBeGreaterThan(0);
    expect(events.length).toBeLessThan(5);
    expect(json['nextRevision']).toBe(events.length);
    await small.stop();
  });

  it('gives an event of a type it does not know as it was recorded', async () => {
    const [strange] = await gateway.append('run-r-9', 'FromTheFuture');
    expect((await gateway.call('GET', '/v1/runs/r-9/events')).json['events']).toEqual([strange]);
  });

  it.each(['after=-2', 'after=x', 'limit=0', 'from=1', 'category='])('refuses the query %s', async (query) => {
    expect(await gateway.call('GET', `/v1/events?${query}`)).toMatchObject({ status: 400, json: { code: 'INVALID_REQUEST' } });
  });
});
