import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { status, type ServiceError } from '@grpc/grpc-js';
import { TuttiError } from '@tutti/kernel';
import { GATEWAY_PARTS, type GatewayParts } from '../gateway-parts.js';
import { connectFeed } from '../testing/feed-client.js';
import { readEventStream } from '../testing/event-stream-client.js';
import { grpcCaller, until } from '../testing/grpc-client.js';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.js';

const OVER = new TuttiError('UNAUTHENTICATED', 'the api-key of user:ann is over');

describe('what stays open ends when its credential is over', () => {
  let gateway: TestGateway;
  /** Of each that is watched. */
  let ends: ((reason: TuttiError) => void)[];
  let stopped: number;
  beforeEach(async () => {
    gateway = await startTestGateway();
    ends = [];
    stopped = 0;
    const { credentialWatch } = gateway.app.get<GatewayParts>(GATEWAY_PARTS, { strict: false });
    credentialWatch.watch = (_, end) => {
      ends.push(end);
      return () => void (stopped += 1);
    };
  });
  afterEach(() => gateway.stop());

  it('a WebSocket with 1008', async () => {
    const client = await connectFeed(gateway.url);
    client.say({ type: 'subscribe', id: 's', after: -1 });
    await client.next();
    ends[0]?.(OVER);
    expect(await client.closed).toEqual({ code: 1008, reason: OVER.message });
    expect(stopped).toBe(1);
  });

  it('server-sent events with a problem', async () => {
    const client = await readEventStream(gateway.url, '/v1/events/stream');
    await client.next();
    ends[0]?.(OVER);
    expect(await client.next()).toMatchObject({ event: 'problem', data: { code: 'UNAUTHENTICATED', status: 401 } });
    await client.ended;
    expect(stopped).toBe(1);
  });

  it('a follow by gRPC with UNAUTHENTICATED', async () => {
    const caller = grpcCaller(gateway);
    const stream = caller.follow({});
    const failure = new Promise<ServiceError>((resolve) => stream.on('error', resolve));
    stream.resume();
    await until(() => ends.length === 1);
    ends[0]?.(OVER);
    expect(await failure).toMatchObject({ code: status.UNAUTHENTICATED, details: OVER.message });
    await until(() => stopped === 1);
    caller.close();
  });

  it('and is watched no longer than it is open', async () => {
    const socket = await connectFeed(gateway.url);
    socket.socket.terminate();
    const stream = await readEventStream(gateway.url, '/v1/events/stream');
    stream.leave();
    await until(() => stopped === 2);
  });
});
