import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AgentServiceService, RunServiceService, ServiceRegistryServiceService, WorkflowServiceService } from '@tutti/contracts';
import { TuttiError } from '@tutti/kernel';
import { grpcCaller, metadataOf, until, type GrpcCaller } from '../testing/grpc-client.js';
import { startTestGateway, TOKEN, type TestGateway } from '../testing/test-gateway.js';

const NO_PAGE = { pageSize: 0, pageToken: '', minPosition: 0 };
const TOKEN_METADATA = { authorization: `Bearer ${TOKEN}` };
const CHECK = '/grpc.health.v1.Health/Check';
const SERVING = Buffer.from([8, 1]);
const NOT_SERVING = Buffer.from([8, 2]);

/** A message whose only field is a text. */
function textField(field: number, text: string): Buffer {
  return Buffer.concat([Buffer.from([field * 8 + 2, text.length]), Buffer.from(text)]);
}

describe('the contracts by gRPC', () => {
  let gateway: TestGateway;
  let caller: GrpcCaller;
  const start = async (...options: Parameters<typeof startTestGateway>): Promise<void> => {
    gateway = await startTestGateway(...options);
    caller = grpcCaller(gateway);
  };
  beforeEach(() => start());
  afterEach(async () => {
    caller.close();
    await gateway.stop();
  });
  const restart = async (...options: Parameters<typeof startTestGateway>): Promise<void> => {
    caller.close();
    await gateway.stop();
    await start(...options);
  };
  const getRun = (metadata?: Readonly<Record<string, string>>) =>
    caller.service(RunServiceService, metadata).getRun({ runId: 'r-1', minPosition: 0 });

  it('answers every public service', async () => {
    expect(gateway.gateway.grpcUrl()).toMatch(/^grpc:\/\/127\.0\.0\.1:\d+$/);
    expect(await getRun()).toMatchObject({ run: { id: 'r-1', status: 'RUN_STATUS_RUNNING' } });
    expect(await caller.service(WorkflowServiceService).listWorkflows(NO_PAGE)).toMatchObject({ workflows: [{ name: 'greet' }] });
    const agents = { capabilities: [], metadata: {}, includeDeregistered: false, ...NO_PAGE };
    expect(await caller.service(AgentServiceService).listAgents(agents)).toMatchObject({ agents: [{ status: 'registered' }] });
    const all = { service: '', health: 'SERVICE_HEALTH_UNSPECIFIED', metadata: {}, ...NO_PAGE } as const;
    expect(await caller.service(ServiceRegistryServiceService).listServices(all)).toMatchObject({ instances: [{ id: 'coordinator-1' }] });
  });

  it.each([
    ['without a token', {}],
    ['with another token', { authorization: 'Bearer another-token-0123456789' }],
    ['with the token in another form', { authorization: TOKEN }],
  ])('refuses calls %s, feeds and reflection too', async (_, metadata: Readonly<Record<string, string>>) => {
    await expect(getRun(metadata)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    const feed = caller.follow({ after: -1 }, metadata);
    const failure = await new Promise((resolve) => feed.on('error', resolve).resume());
    expect(failure).toMatchObject({ code: status.UNAUTHENTICATED });
    await expect(caller.raw('/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', Buffer.alloc(0), metadata)).rejects.toMatchObject({
      code: status.UNAUTHENTICATED,
    });
    expect(gateway.services.calls).toEqual([]);
  });

  it('throws the error of the service, whole', async () => {
    gateway.services.fail(new TuttiError('RUN_NOT_FOUND', 'there is no run "r-1"', { details: { runId: 'r-1' } }));
    await expect(getRun()).rejects.toMatchObject({
      code: 'RUN_NOT_FOUND',
      message: 'there is no run "r-1"',
      details: { runId: 'r-1' },
      retryable: false,
    });
  });

  it('says nothing of a fault that nobody meant', async () => {
    gateway.services.fail(new RangeError('secret'));
    const failure = await getRun().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'INTERNAL' });
    expect(String(failure)).not.toContain('secret');
  });

  it('takes who calls from the request, else from the metadata, else it is the local user', async () => {
    const cancel = (actor: string, metadata: Readonly<Record<string, string>> = {}) =>
      caller.service(RunServiceService, { ...TOKEN_METADATA, ...metadata }).cancelRun({ runId: 'r-1', actor, reason: '', force: false });
    await cancel('user:ann', { 'tutti-actor': 'user:bob' });
    await cancel('', { 'tutti-actor': 'user:bob' });
    await cancel('');
    await expect(cancel('', { 'tutti-actor': 'nobody' })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    expect(gateway.services.calls.map(({ request }) => (request as { readonly actor: string }).actor)).toEqual([
      'user:ann',
      'user:bob',
      'user:local',
    ]);
  });

  it('is not there before the service is ready, and answers only what reads while it stops', async () => {
    await restart({}, { ready: false });
    await expect(getRun()).rejects.toMatchObject({ code: 'SHUTTING_DOWN', retryable: true });
    gateway.gateway.markReady();
    await getRun();
    gateway.gateway.markUnready('it stops');
    await getRun();
    const pause = caller.service(RunServiceService).pauseRun({ runId: 'r-1', actor: '', reason: '' });
    await expect(pause).rejects.toMatchObject({ code: 'SHUTTING_DOWN', message: 'it stops' });
  });

  it('answers the standard health check without a token, for the server and for each service', async () => {
    await restart({}, { ready: false });
    expect(await caller.raw(CHECK, Buffer.alloc(0))).toEqual(NOT_SERVING);
    gateway.gateway.markReady();
    expect(await caller.raw(CHECK, Buffer.alloc(0))).toEqual(SERVING);
    expect(await caller.raw(CHECK, textField(1, 'tutti.v1.RunService'))).toEqual(SERVING);
    expect(await caller.raw(CHECK, textField(1, 'tutti.v1.EventFeedService'))).toEqual(SERVING);
    await expect(caller.raw(CHECK, textField(1, 'tutti.v1.WorkerService'))).rejects.toMatchObject({ code: status.NOT_FOUND });
    gateway.gateway.markUnready('it stops');
    expect(await caller.raw(CHECK, Buffer.alloc(0))).toEqual(NOT_SERVING);
  });

  it('describes what it serves, and nothing else, to tools that ask', async () => {
    const path = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
    const services = (await caller.raw(path, textField(7, '*'), TOKEN_METADATA)).toString('latin1');
    for (const name of ['Agent', 'Run', 'Workflow', 'ServiceRegistry', 'EventFeed']) expect(services).toContain(`tutti.v1.${name}Service`);
    expect(services).not.toContain('WorkerService');
    const file = (await caller.raw(path, textField(4, 'tutti.v1.RunService'), TOKEN_METADATA)).toString('latin1');
    expect(file).toContain('StartRunRequest');
    expect(file).toContain('google/protobuf/struct.proto');
  });

  it('ends a call at its deadline', async () => {
    const stuck = new Promise<never>(() => {});
    Object.assign(gateway.services, { getRun: () => stuck });
    const { path } = RunServiceService.getRun;
    const failure = await new Promise((resolve) => {
      const message = RunServiceService.getRun.requestSerialize({ runId: 'r-1', minPosition: 0 });
      const asIs = (bytes: Buffer): Buffer => bytes;
      caller.client.makeUnaryRequest(path, asIs, asIs, message, metadataOf(TOKEN_METADATA), { deadline: Date.now() + 50 }, resolve);
    });
    expect(failure).toMatchObject({ code: status.DEADLINE_EXCEEDED });
  });

  it('refuses a message that is larger than a body may be', async () => {
    await restart({ maxBodyBytes: 1_024 });
    const register = caller.service(WorkflowServiceService).registerWorkflow({ source: 'x'.repeat(2_000), actor: '' });
    await expect(register).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE', retryable: false });
    expect(gateway.services.calls).toEqual([]);
  });

  it('ends a call whose request does not arrive', async () => {
    const { path, requestSerialize, responseDeserialize } = RunServiceService.getRun;
    const before = gateway.runtime.pending();
    const failure = new Promise((resolve) => {
      // Opened like a stream, so that no message follows by itself.
      caller.client.makeClientStreamRequest(path, requestSerialize, responseDeserialize, metadataOf(TOKEN_METADATA), resolve);
    });
    await until(() => gateway.runtime.pending() > before);
    await gateway.runtime.advance(60_000);
    expect(await failure).toMatchObject({ code: status.DEADLINE_EXCEEDED, details: 'the request did not arrive whole in time' });
  });

  it('takes so many calls at once and no more', async () => {
    await restart({ grpc: { maxCalls: 2 } });
    const feeds = [caller.follow({ after: -1 }), caller.follow({ after: -1 })];
    await Promise.all(feeds.map((feed) => new Promise((resolve) => feed.once('data', resolve).on('error', () => {}))));
    await expect(getRun()).rejects.toMatchObject({ code: 'OVERLOADED', retryable: true });
    feeds[0]?.cancel();
    await until(() => getRun().then(Boolean, () => false));
    feeds[1]?.cancel();
  });

  it('keeps places for calls, however many watch its health without a credential, and answers how it is', async () => {
    await restart({ grpc: { maxCalls: 2 } });
    const asIs = (bytes: Buffer): Buffer => bytes;
    const watches = Array.from({ length: 3 }, () =>
      caller.client.makeServerStreamRequest('/grpc.health.v1.Health/Watch', asIs, asIs, Buffer.alloc(0)),
    );
    const begun = watches.map((watch) => new Promise((resolve) => watch.once('data', () => resolve('open')).on('error', resolve)));
    expect(await Promise.all(begun)).toMatchObject(['open', 'open', { code: status.RESOURCE_EXHAUSTED }]);
    expect(await caller.raw(CHECK, Buffer.alloc(0))).toEqual(SERVING);
    await getRun();
    for (const watch of watches) watch.cancel();
  });

  it('ends the watch of its health when it stops, and is not kept by it', async () => {
    const seen: Buffer[] = [];
    const asIs = (bytes: Buffer): Buffer => bytes;
    const watch = caller.client.makeServerStreamRequest('/grpc.health.v1.Health/Watch', asIs, asIs, Buffer.alloc(0));
    watch.on('data', (bytes: Buffer) => seen.push(bytes));
    const failure = new Promise((resolve) => watch.on('error', resolve));
    await until(() => seen.length === 1);
    await gateway.gateway.stop();
    expect(await failure).toMatchObject({ code: status.UNAVAILABLE, details: 'the service is stopping' });
    expect(seen).toEqual([SERVING, NOT_SERVING]);
  });

  it('lets a call in flight end before it stops', async () => {
    let answer = (): void => {};
    const held = new Promise<void>((resolve) => (answer = resolve));
    let asked = false;
    const getHeld = () => {
      asked = true;
      return held.then(() => ({ run: undefined }));
    };
    Object.assign(gateway.services, { getRun: getHeld });
    const call = getRun();
    await until(() => asked);
    const stopped = gateway.gateway.stop();
    answer();
    expect(await call).toEqual({ run: undefined });
    await stopped;
  });
});
