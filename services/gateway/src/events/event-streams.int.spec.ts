import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@tutti/kernel';
import { readEventStream, type EventStreamClient } from '../testing/event-stream-client.js';
import { until } from '../testing/grpc-client.js';
import { anEvent, startTestGateway, type TestGateway } from '../testing/test-gateway.js';

const PING_INTERVAL_MS = 20_000;
const STALL_LIMIT_MS = 30_000;

describe('server-sent events', () => {
  let gateway: TestGateway;
  const clients: EventStreamClient[] = [];
  beforeEach(async () => {
    gateway = await startTestGateway({
      feed: { maxStreams: 3, maxBatch: 2, bufferBytes: 65_536, pingIntervalMs: PING_INTERVAL_MS, stallLimitMs: STALL_LIMIT_MS },
    });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.leave();
    await gateway.stop();
  });

  const read = async (path: string, headers: Readonly<Record<string, string>> = {}): Promise<EventStreamClient> => {
    const client = await readEventStream(gateway.url, path, headers);
    clients.push(client);
    return client;
  };
  const started = (run: string, workflow = 'greet', labels: Readonly<Record<string, string>> = {}): Promise<readonly RecordedEvent[]> =>
    gateway.store.append(`run-${run}`, [anEvent(gateway.runtime, 'RunStarted', { workflow, labels })], 'any').then(({ events }) => events);
  const ids = (events: readonly RecordedEvent[]): readonly string[] => events.map(({ position }) => String(position));

  describe('of everything', () => {
    it('give what there is after the position, say that it was all, and go on with what comes', async () => {
      const [first, second] = await gateway.append('run-r-1', 'StepSucceeded', 'StepFailed');
      const client = await read(`/v1/events/stream?after=${first?.position}`);
      expect(client.response.headers).toMatchObject({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
      expect(await client.take(2)).toEqual([
        { event: 'StepFailed', id: String(second?.position), data: second },
        { event: 'caught-up', id: String(second?.position), data: { position: second?.position } },
      ]);
      expect(client.text()).toMatch(/^retry: \d+\n\n/);
      const [third] = await gateway.append('agent-a', 'AgentDeregistered');
      expect(await client.next()).toEqual({ event: 'AgentDeregistered', id: String(third?.position), data: third });
    });

    it('begin with what comes when no position is named', async () => {
      await gateway.append('run-r-1', 'StepSucceeded');
      const client = await read('/v1/events/stream');
      expect(await client.next()).toMatchObject({ event: 'caught-up' });
      const [later] = await gateway.append('run-r-1', 'StepFailed');
      expect(await client.next()).toMatchObject({ event: 'StepFailed', data: { id: later?.id } });
    });

    it('go on behind the Last-Event-ID, whatever `after` says', async () => {
      const events = await gateway.append('run-r-1', 'StepSucceeded', 'StepSucceeded', 'StepSucceeded');
      const client = await read('/v1/events/stream?after=-1', { 'last-event-id': String(events[1]?.position) });
      expect((await client.take(2)).map(({ event, id }) => [event, id])).toEqual([
        ['StepSucceeded', ids(events)[2]],
        ['caught-up', ids(events)[2]],
      ]);
    });

    it.each([
      ['category=agent', [3]],
      ['type=StepFailed&type=AgentDeregistered', [2, 3, 5]],
      ['runId=r-1', [0, 2]],
      ['root=r-1', [0, 1, 2]],
      ['root=r-2', [4, 5]],
      ['workflow=greet', [0, 2]],
      ['label=team%3Dcore', [4, 5]],
      ['label=team%3Dcore&type=StepFailed', [5]],
    ])('filter by %s, what was there and what comes', async (query, wanted) => {
      const record = async (): Promise<readonly RecordedEvent[]> => [
        ...(await started('r-1')),
        ...(await started('r-1~0123456789abcdef', 'child')),
        ...(await gateway.append('run-r-1', 'StepFailed')),
        ...(await gateway.append('agent-a', 'AgentDeregistered')),
        ...(await started('r-2', 'other', { team: 'core' })),
        ...(await gateway.append('run-r-2', 'StepFailed')),
      ];
      const before = await record();
      const client = await read(`/v1/events/stream?after=-1&${query}`);
      const mine = (all: readonly RecordedEvent[]): readonly (string | undefined)[] => wanted.map((index) => all[index]?.id);
      expect((await client.take(wanted.length)).map(({ data }) => data['id'])).toEqual(mine(before));
      expect(await client.next()).toMatchObject({ event: 'caught-up', id: ids(before)[5] });
      const after = await record();
      expect((await client.take(wanted.length)).map(({ data }) => data['id'])).toEqual(mine(after));
    });

    it.each([
      ['after=99', /^400 .*from another store/],
      ['after=x', /^400 .*INVALID_REQUEST/],
      ['label=team', /^400 .*INVALID_REQUEST/],
    ])('are refused with a problem for %s', async (query, message) => {
      await expect(read(`/v1/events/stream?${query}`)).rejects.toThrow(message);
    });

    it('are refused without a token', async () => {
      await expect(read('/v1/events/stream', { authorization: 'Bearer nobody-has-this-token' })).rejects.toThrow(/^401/);
    });

    it('answer HEAD without opening anything', async () => {
      expect(await gateway.call('HEAD', '/v1/events/stream')).toMatchObject({ status: 200, text: '' });
    });

    it('are given to so many and no more, until one leaves', async () => {
      const [first] = await Promise.all([1, 2, 3].map(() => read('/v1/events/stream')));
      await expect(read('/v1/events/stream')).rejects.toThrow(/^429 .*OVERLOADED/);
      first?.leave();
      await until(() =>
        read('/v1/events/stream').then(
          () => true,
          () => false,
        ),
      );
    });

    it('are kept alive by comments', async () => {
      const client = await read('/v1/events/stream');
      await client.next();
      await gateway.runtime.advance(PING_INTERVAL_MS);
      await until(() => client.text().endsWith('\n: still here\n\n'));
    });

    it('end with a problem when the service stops, and leave no timer behind', async () => {
      const client = await read('/v1/events/stream');
      await client.next();
      await gateway.gateway.stop();
      expect(await client.next()).toMatchObject({ event: 'problem', id: '', data: { code: 'SHUTTING_DOWN' } });
      await client.ended;
      expect(gateway.runtime.pending()).toBe(0);
    });

    it('cut off a reader that takes nothing for long; it goes on behind the last event it took', async () => {
      const data = { cancelledBy: 'user:ann', reason: 'x'.repeat(100_000) };
      const recorded: RecordedEvent[] = [];
      for (let count = 0; count < 200; count += 4) {
        const events = Array.from({ length: 4 }, () => anEvent(gateway.runtime, 'RunCancelled', data));
        recorded.push(...(await gateway.store.append('run-r-1', events, 'any')).events);
      }
      // What was recorded is noted by whoever follows the log.
      await gateway.runtime.advance(STALL_LIMIT_MS);
      const idle = gateway.runtime.pending();
      const client = await read('/v1/events/stream?after=-1');
      client.response.pause();
      // What is on the wire takes real time; the clock of the limit stands still meanwhile.
      await until(async () => {
        await gateway.runtime.advance(STALL_LIMIT_MS);
        return gateway.runtime.pending() === idle;
      });
      client.response.resume();
      await client.ended;
      const seen: string[] = [];
      for (;;) {
        const event = await client.next().catch(() => null);
        if (event === null) break;
        seen.push(event.id);
      }
      expect(seen.length).toBeLessThan(200);
      const rest = await read('/v1/events/stream?type=RunCancelled', { 'last-event-id': seen.at(-1) ?? '-1' });
      const more = await rest.take(200 - seen.length);
      expect([...seen, ...more.map(({ id }) => id)]).toEqual(ids(recorded));
    });
  });

  describe('of one run', () => {
    it('begin with its first event and end with its last', async () => {
      await gateway.append('run-r-2', 'StepSucceeded');
      await started('r-1');
      const client = await read('/v1/runs/r-1/events/stream');
      expect((await client.take(2)).map(({ event }) => event)).toEqual(['RunStarted', 'caught-up']);
      const rest = await gateway.append('run-r-1', 'StepSucceeded', 'RunSucceeded', 'TaskResultSuperseded');
      expect(await client.take(3)).toEqual(rest.map((event) => ({ event: event.type, id: String(event.position), data: event })));
      expect(await client.next()).toEqual({
        event: 'end',
        id: String(rest[2]?.position),
        data: { status: 'succeeded', position: rest[1]?.position },
      });
      await client.ended;
    });

    it('give all of a run that has ended, and end', async () => {
      const events = [...(await started('r-1')), ...(await gateway.append('run-r-1', 'RunFailed', 'TaskResultSuperseded'))];
      const client = await read('/v1/runs/r-1/events/stream');
      const all = await client.take(5);
      expect(all.map(({ event }) => event)).toEqual(['RunStarted', 'RunFailed', 'TaskResultSuperseded', 'caught-up', 'end']);
      expect(all[4]?.data).toEqual({ status: 'failed', position: events[1]?.position });
      await client.ended;
    });

    it('end also when the end itself is not among the wanted types', async () => {
      await started('r-1');
      const client = await read('/v1/runs/r-1/events/stream?type=StepSucceeded');
      await client.next();
      await gateway.append('run-r-1', 'StepSucceeded', 'RunCancelled');
      expect((await client.take(2)).map(({ event }) => event)).toEqual(['StepSucceeded', 'end']);
    });

    it.each(['', '?type=RunSucceeded'])(
      'are not given again, asked for%s, to a browser that goes on behind the end it was told',
      async (query) => {
        await started('r-1');
        const path = `/v1/runs/r-1/events/stream${query}`;
        const client = await read(path);
        const before = query === '' ? ['RunStarted', 'caught-up'] : ['caught-up'];
        expect((await client.take(before.length)).map(({ event }) => event)).toEqual(before);
        await gateway.append('run-r-1', 'RunSucceeded', 'TaskResultSuperseded');
        const after = query === '' ? ['RunSucceeded', 'TaskResultSuperseded', 'end'] : ['RunSucceeded', 'end'];
        const rest = await client.take(after.length);
        expect(rest.map(({ event }) => event)).toEqual(after);
        const again = { headers: { 'last-event-id': rest.at(-1)?.id ?? '' } };
        expect(await gateway.call('GET', path, again)).toMatchObject({ status: 204 });
      },
    );

    it('go on over the repair of a run that had ended', async () => {
      await started('r-1');
      await gateway.append('run-r-1', 'RunFailed', 'RunRepaired', 'TaskScheduled');
      const client = await read('/v1/runs/r-1/events/stream');
      expect((await client.take(5)).map(({ event }) => event)).toEqual([
        'RunStarted',
        'RunFailed',
        'RunRepaired',
        'TaskScheduled',
        'caught-up',
      ]);
      await gateway.append('run-r-1', 'RunSucceeded');
      expect((await client.take(2)).map(({ event }) => event)).toEqual(['RunSucceeded', 'end']);
    });

    it('end at once behind the end of a run, and tell a browser that asks again that there is no more', async () => {
      await started('r-1');
      const [, last] = await gateway.append('run-r-1', 'RunSucceeded', 'TaskResultSuperseded');
      const client = await read(`/v1/runs/r-1/events/stream?after=${last?.position}`);
      expect((await client.take(2)).map(({ event }) => event)).toEqual(['caught-up', 'end']);
      const again = { headers: { 'last-event-id': String(last?.position) } };
      expect(await gateway.call('GET', '/v1/runs/r-1/events/stream', again)).toMatchObject({ status: 204, text: '' });
    });

    it('are not there for a run that is not there', async () => {
      await expect(read('/v1/runs/nobody/events/stream')).rejects.toThrow(/^404 .*RUN_NOT_FOUND/);
    });
  });
});
