import { afterEach, describe, expect, it } from '@jest/globals';
import { RunServiceService } from '@tutti/contracts';
import { toTuttiError } from '@tutti/kernel';
import { A_HASH } from '../testing/fake-services.js';
import { connectFeed } from '../testing/feed-client.js';
import { grpcCaller } from '../testing/grpc-client.js';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.js';

const RUN = { workflow: 'greet', inputs: {} };
const DECISION = { json: { payloadHash: A_HASH } };

let gateway: TestGateway;
afterEach(() => gateway.stop());

const codeOf = async (...call: Parameters<TestGateway['call']>): Promise<string> => {
  const { status, json } = await gateway.call(...call);
  return status < 300 ? 'done' : `${status} ${String(json['code'])}`;
};
const byGrpc = async (ask: (service: ReturnType<typeof runs>) => Promise<unknown>): Promise<string> => {
  const caller = grpcCaller(gateway);
  const answer = await ask(runs(caller)).then(
    () => 'done',
    (error: unknown) => toTuttiError(error).code,
  );
  caller.close();
  return answer;
};
const runs = (caller: ReturnType<typeof grpcCaller>) => caller.service(RunServiceService);
async function byFeed(...messages: readonly object[]): Promise<readonly unknown[]> {
  const client = await connectFeed(gateway.url);
  const answers: unknown[] = [];
  for (const message of messages) {
    client.say({ ref: 'c-1', ...message });
    const { type, problem } = (await client.next()) as { readonly type: string; readonly problem?: { readonly code: string } };
    answers.push(problem?.code ?? type);
  }
  return answers;
}

describe('a gateway with more to do than it can', () => {
  const start = async (storeQueue: number): Promise<void> => {
    gateway = await startTestGateway({}, { gauges: { storeQueue: () => storeQueue, loopDelayMs: () => 0 } });
    await gateway.runtime.advance(250);
  };

  it('refuses new work first, by whichever way it comes', async () => {
    await start(0.6);
    const refused = await gateway.call('POST', '/v1/runs', { json: RUN });
    expect(refused).toMatchObject({ status: 429, json: { code: 'OVERLOADED', retryable: true }, headers: { 'retry-after': '2' } });
    expect(await byFeed({ type: 'start', ...RUN }, { type: 'pause', runId: 'r-1' })).toEqual(['OVERLOADED', 'done']);
    expect(
      await byGrpc((service) =>
        service.startRun({ ...RUN, workflowVersion: 0, idempotencyKey: '', labels: {}, actor: '', traceparent: '' }),
      ),
    ).toBe('OVERLOADED');
    expect(await codeOf('POST', '/v1/runs/r-1/pause', { json: {} })).toBe('done');
    expect(await codeOf('GET', '/v1/runs')).toBe('done');
  });

  it('goes on with what is vital to the last, and says how it is', async () => {
    await start(1);
    expect(await codeOf('GET', '/v1/runs')).toBe('429 OVERLOADED');
    expect(await codeOf('POST', '/v1/runs/r-1/variables', { json: { a: 1 } })).toBe('429 OVERLOADED');
    expect(await codeOf('POST', '/v1/approvals/a-1/approve', DECISION)).toBe('done');
    expect(await codeOf('POST', '/v1/runs/r-1/signals/paid', { json: {} })).toBe('done');
    expect(await codeOf('POST', '/v1/runs/r-1/cancel', { json: {} })).toBe('done');
    expect(await byGrpc((service) => service.cancelRun({ runId: 'r-1', reason: '', actor: '', force: false }))).toBe('done');
    expect(await byGrpc((service) => service.getRun({ runId: 'r-1', minPosition: 0 }))).toBe('OVERLOADED');
    const reasons = [expect.stringMatching(/^sheds load: new-work, change, read must wait .*store queue 100 % full/)];
    expect(await gateway.call('GET', '/health/ready')).toMatchObject({ status: 200, json: { status: 'ok', reasons } });
  });
});

describe('how often one may ask', () => {
  it('is counted for all ways together, and health is never counted', async () => {
    const routes = { pauseRun: { perSecond: 0.001, burst: 2 } };
    gateway = await startTestGateway({ limits: { routes } });
    const pause = () => gateway.call('POST', '/v1/runs/r-1/pause', { json: {} });
    expect(await pause()).toMatchObject({
      status: 200,
      headers: { 'ratelimit-policy': '"route";q=2;w=2000', ratelimit: '"route";r=1;t=1000' },
    });
    expect(await byFeed({ type: 'pause', runId: 'r-1' }, { type: 'pause', runId: 'r-1' })).toEqual(['done', 'RATE_LIMITED']);
    expect(await pause()).toMatchObject({
      status: 429,
      json: { code: 'RATE_LIMITED', retryable: true },
      headers: { 'retry-after': '1000', ratelimit: '"route";r=0;t=2000' },
    });
    expect(await byGrpc((service) => service.pauseRun({ runId: 'r-1', reason: '', actor: '' }))).toBe('RATE_LIMITED');
    expect(await codeOf('GET', '/v1/runs/r-1')).toBe('done');
    for (let at = 0; at < 5; at++) expect(await codeOf('GET', '/health/live')).toBe('done');
  });
});
