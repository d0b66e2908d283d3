import { status, type ClientReadableStream, type ServiceError } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fromEventRecord, type FollowRequest, type FollowResponse } from '@tutti/contracts';
import type { RecordedEvent } from '@tutti/kernel';
import { grpcCaller, until, type GrpcCaller } from '../testing/grpc-client.js';
import { anEvent, startTestGateway, type TestGateway } from '../testing/test-gateway.js';

interface Reader {
  readonly stream: ClientReadableStream<FollowResponse>;
  readonly events: readonly RecordedEvent[];
  readonly caughtUp: readonly number[];
  readonly failure: Promise<ServiceError>;
}

describe('following events by gRPC', () => {
  let gateway: TestGateway;
  let caller: GrpcCaller;
  const start = async (options: Parameters<typeof startTestGateway>[0] = {}): Promise<void> => {
    gateway = await startTestGateway(options);
    caller = grpcCaller(gateway);
  };
  beforeEach(() => start());
  afterEach(async () => {
    caller.close();
    await gateway.stop();
  });

  const read = (request: Partial<FollowRequest>): Reader => {
    const events: RecordedEvent[] = [];
    const caughtUp: number[] = [];
    const stream = caller.follow(request);
    stream.on('data', ({ event, caughtUp: through }: FollowResponse) => {
      if (event !== undefined) events.push(fromEventRecord(event));
      if (through !== undefined) caughtUp.push(through.position);
    });
    const failure = new Promise<ServiceError>((resolve) => stream.on('error', (error: ServiceError) => resolve(error)));
    return { stream, events, caughtUp, failure };
  };

  it('gives what there is after the position, says that it has, and goes on with what comes', async () => {
    const [first, second] = await gateway.append('run-r-1', 'RunCancelled', 'RunCancelled');
    const reader = read({ after: first?.position ?? -1 });
    await until(() => reader.caughtUp.length === 1);
    expect(reader.events).toEqual([second]);
    expect(reader.caughtUp).toEqual([second?.position]);
    const later = await gateway.append('agent-a', 'AgentDeregistered');
    await until(() => reader.events.length === 2);
    expect(reader.events).toEqual([second, ...later]);
    expect(reader.caughtUp).toHaveLength(1);
    reader.stream.cancel();
  });

  it('gives only what comes when no position is named', async () => {
    await gateway.append('run-r-1', 'RunCancelled');
    const reader = read({});
    await until(() => reader.caughtUp.length === 1);
    const later = await gateway.append('run-r-1', 'RunCancelled');
    await until(() => reader.events.length > 0);
    expect(reader.events).toEqual(later);
    reader.stream.cancel();
  });

  it('gives the events of one run, there and to come, from any position of it', async () => {
    const early = await gateway.append('run-r-1', 'RunCancelled', 'RunCancelled');
    await gateway.append('run-r-10', 'RunCancelled');
    const late = await gateway.append('run-r-1', 'RunCancelled');
    const whole = read({ after: -1, runId: 'r-1' });
    const rest = read({ after: early[0]?.position ?? -1, runId: 'r-1' });
    await until(() => whole.caughtUp.length === 1 && rest.caughtUp.length === 1);
    await gateway.append('run-r-10', 'RunCancelled');
    const coming = await gateway.append('run-r-1', 'RunCancelled');
    await until(() => whole.events.length === 4 && rest.events.length === 3);
    expect(whole.events).toEqual([...early, ...late, ...coming]);
    expect(rest.events).toEqual([early[1], ...late, ...coming]);
    whole.stream.cancel();
    rest.stream.cancel();
  });

  it('filters by category and type, for a run too', async () => {
    const run = await gateway.append('run-r-1', 'RunCancelled', 'FromTheFuture');
    const agent = await gateway.append('agent-a', 'AgentDeregistered');
    const readers = [
      read({ after: -1, categories: ['agent'] }),
      read({ after: -1, types: ['FromTheFuture'] }),
      read({ after: -1, runId: 'r-1', types: ['FromTheFuture'] }),
      read({ after: -1, runId: 'r-1', categories: ['agent'] }),
    ];
    await until(() => readers.every(({ caughtUp }) => caughtUp.length === 1));
    expect(readers.map(({ events }) => events)).toEqual([agent, [run[1]], [run[1]], []]);
    for (const { stream } of readers) stream.cancel();
  });

  it.each([
    ['a position that the store has not reached', { after: 99 }, 'the position is from another store'],
    ['a position that is none', { after: -2 }, 'after'],
    ['a run whose name cannot be one', { runId: 'a\nb' }, 'runId'],
    ['more types than are taken', { types: Array.from({ length: 101 }, (_, index) => `T${index}`) }, 'types'],
  ])('refuses %s', async (_, request, message) => {
    const failure = await read(request).failure;
    expect(failure.code).toBe(status.INVALID_ARGUMENT);
    expect(failure.details + String(failure.metadata.get('tutti-details-bin')[0])).toContain(message);
  });

  it('takes so many readers and no more, until one goes', async () => {
    caller.close();
    await gateway.stop();
    await start({ grpc: { maxFollowers: 1 } });
    const first = read({});
    await until(() => first.caughtUp.length === 1);
    expect(await read({}).failure).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    first.stream.cancel();
    await until(async () => {
      const next = read({});
      return Promise.race([next.failure.then(() => false), until(() => next.caughtUp.length === 1).then(() => true)]);
    });
  });

  it('ends its readers when the service stops', async () => {
    const reader = read({});
    await until(() => reader.caughtUp.length === 1);
    const stopped = gateway.gateway.stop();
    expect(await reader.failure).toMatchObject({ code: status.UNAVAILABLE, details: 'the service is stopping' });
    await stopped;
  });

  it('stops reading for a client that does not read, ends it when that lasts, and the client loses nothing', async () => {
    const big = 'x'.repeat(400_000);
    const positions: number[] = [];
    for (let count = 0; count < 40; count++) {
      const event = anEvent(gateway.runtime, 'RunCancelled', { cancelledBy: 'user:ann', reason: big });
      positions.push((await gateway.store.append('run-r-1', [event], 'any')).position);
    }
    // What was recorded is noted by whoever follows the log.
    await gateway.runtime.advance(30_000);
    const idle = gateway.runtime.pending();
    const messages: AsyncIterator<FollowResponse, undefined> = caller.follow({ after: -1 })[Symbol.asyncIterator]();
    const seen: number[] = [];
    const take = ({ value }: IteratorResult<FollowResponse, undefined>): void => {
      if (value?.event !== undefined) seen.push(value.event.position);
    };
    take(await messages.next());
    // What is on the wire takes real time; the clock of the limit stands still meanwhile.
    await until(async () => {
      await gateway.runtime.advance(30_000);
      return gateway.runtime.pending() === idle;
    });
    const readOn = async (): Promise<void> => {
      for (;;) take(await messages.next());
    };
    await expect(readOn()).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED, details: expect.stringContaining('too slow') });
    expect(seen.length).toBeLessThan(40);
    const rest = read({ after: seen.at(-1) ?? -1 });
    await until(() => rest.caughtUp.length === 1);
    expect([...seen, ...rest.events.map(({ position }) => position)]).toEqual(positions);
    rest.stream.cancel();
  });
});
