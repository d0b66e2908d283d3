import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { OverlapPolicyMessage } from '@tutti/contracts';
import { TuttiError } from '@tutti/kernel';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.js';

describe('schedules over REST', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.stop());
  beforeEach(() => {
    gateway.services.calls.length = 0;
    gateway.services.fail(null);
    gateway.services.repeat(false);
  });
  const asked = () => gateway.services.calls.map(({ request }) => request);

  it('are made in the words of a definition', async () => {
    const json = {
      ...{ name: 'nightly', workflow: 'greet', cron: '0 3 * * *', timezone: 'Europe/Berlin' },
      ...{ overlap: 'cancel-running', catchUp: '2h', jitter: '30s', with: { to: '${{ schedule.time }}' } },
    };
    expect(await gateway.call('POST', '/v1/schedules', { json, headers: { 'tutti-actor': 'user:ann' } })).toMatchObject({
      status: 201,
      headers: { location: '/v1/schedules/nightly' },
      json: { created: true, position: 4 },
    });
    const spec = {
      ...{ workflow: 'greet', cron: '0 3 * * *', everyMs: 0, offsetMs: 0, timezone: 'Europe/Berlin' },
      ...{ overlap: OverlapPolicyMessage.OVERLAP_POLICY_CANCEL_RUNNING, catchUpMs: 7_200_000, jitterMs: 30_000 },
      inputs: { to: '${{ schedule.time }}' },
    };
    expect(asked()).toEqual([{ name: 'nightly', spec, actor: 'user:ann' }]);
    gateway.services.repeat(true);
    expect(await gateway.call('POST', '/v1/schedules', { json })).toMatchObject({ status: 200, json: { created: false } });
  });

  it('are shown in the words that they are made in', async () => {
    const schedule = {
      ...{ name: 'nightly', status: 'active', ownedBy: '', workflow: 'greet', every: '15m', offset: '1m', overlap: 'buffer-one' },
      ...{ catchUp: '1h', jitter: '1500ms', with: { to: 'Ann' }, nextTimes: ['2026-01-01T00:00:00.000Z'], openBackfills: 0 },
    };
    expect((await gateway.call('GET', '/v1/schedules/nightly')).json).toMatchObject({ schedule });
    expect((await gateway.call('GET', '/v1/schedules?workflow=greet&pageSize=5')).json).toMatchObject({
      schedules: [schedule],
      nextPageToken: 'next',
    });
    expect(asked()).toEqual([
      { name: 'nightly', minPosition: 0 },
      { workflow: 'greet', pageSize: 5, pageToken: '', minPosition: 0 },
    ]);
  });

  it('are changed, paused, resumed and deleted', async () => {
    const reason = { reason: 'holidays' };
    expect(await gateway.call('PUT', '/v1/schedules/nightly', { json: { workflow: 'greet', every: '1h' } })).toMatchObject({
      status: 200,
      json: { position: 5 },
    });
    expect(await gateway.call('POST', '/v1/schedules/nightly/pause', { json: reason })).toMatchObject({
      status: 200,
      json: { position: 6 },
    });
    expect(await gateway.call('POST', '/v1/schedules/nightly/resume', { json: {} })).toMatchObject({ status: 200 });
    expect(await gateway.call('DELETE', '/v1/schedules/nightly')).toMatchObject({ status: 200, json: { position: 6 } });
    expect(asked()).toMatchObject([
      { name: 'nightly', spec: { everyMs: 3_600_000, cron: '' } },
      { name: 'nightly', reason: 'holidays', actor: 'user:local' },
      { name: 'nightly', reason: '' },
      { name: 'nightly', reason: '' },
    ]);
  });

  it('are started at once and backfilled, once for a key', async () => {
    const headers = { 'idempotency-key': 'k1' };
    expect(await gateway.call('POST', '/v1/schedules/nightly/trigger', { json: {}, headers })).toMatchObject({
      status: 201,
      json: { runId: 'r-1' },
    });
    const range = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' };
    expect(await gateway.call('POST', '/v1/schedules/nightly/backfill', { json: range, headers })).toMatchObject({
      status: 201,
      json: { backfillId: 'b-1', count: 3 },
    });
    expect(asked()).toMatchObject([
      { name: 'nightly', idempotencyKey: 'k1' },
      { ...range, idempotencyKey: 'k1' },
    ]);
  });

  it.each([
    [{ name: 'x', workflow: 'greet' }, 'expected either cron or every'],
    [{ name: 'x', workflow: 'greet', every: 'often' }, 'every'],
    [{ name: 'x', every: '1h' }, 'workflow'],
    [{ name: 'x', workflow: 'greet', every: '1h', overlap: 'maybe' }, 'overlap'],
    [{ name: 'x', workflow: 'greet', every: '1h', colour: 'red' }, 'colour'],
    [{ workflow: 'greet', every: '1h' }, 'name'],
  ])('are refused as %j', async (json, problem) => {
    expect(await gateway.call('POST', '/v1/schedules', { json })).toMatchObject({
      status: 400,
      json: { code: 'INVALID_REQUEST', detail: expect.stringContaining(problem) },
    });
    expect(asked()).toEqual([]);
  });

  it('pass on that a definition owns them', async () => {
    gateway.services.fail(new TuttiError('SCHEDULE_OWNED', 'schedule "greet.1" stands in the definition of workflow "greet"'));
    expect(await gateway.call('DELETE', '/v1/schedules/greet.1')).toMatchObject({ status: 409, json: { code: 'SCHEDULE_OWNED' } });
  });
});
