import { credentials, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RunServiceService } from '@tutti/contracts';
import { callSignal, grpcClient } from '@tutti/service-kit';
import { createSystemRuntime } from '@tutti/service-kit/system';
import { grpcCaller, metadataOf, until, type GrpcCaller } from '../testing/grpc-client.js';
import { A_RUN } from '../testing/fake-services.js';
import { startTestGateway, TOKEN, type TestGateway } from '../testing/test-gateway.js';

const TOKEN_METADATA = { authorization: `Bearer ${TOKEN}` };
/** Time for the call to arrive on a machine that does other work. */
const DEADLINE_MS = 2_000;
const REQUEST = { runId: 'r-1', minPosition: 99 };

describe('the deadline of a call', () => {
  let gateway: TestGateway;
  let caller: GrpcCaller;
  let signals: (AbortSignal | undefined)[];
  beforeEach(async () => {
    gateway = await startTestGateway();
    caller = grpcCaller(gateway);
    signals = [];
    const waitForEver = (): Promise<never> => {
      signals.push(callSignal());
      return new Promise(() => {});
    };
    gateway.services.getRun = waitForEver;
    gateway.services.pauseRun = waitForEver;
  });
  afterEach(async () => {
    caller.close();
    await gateway.stop();
  });

  const connection = (deadlineMs: number) =>
    grpcClient(RunServiceService, gateway.gateway.grpcUrl().replace('grpc://', ''), credentials.createInsecure(), {
      deadlineMs,
      clock: createSystemRuntime().clock,
      metadata: () => TOKEN_METADATA,
    });

  it('reaches what the service waits for', async () => {
    const { service, close } = connection(DEADLINE_MS);
    await expect(service.getRun(REQUEST)).rejects.toMatchObject({ code: 'TIMED_OUT' });
    await until(() => signals[0]?.aborted === true);
    close();
  });

  it('is over at once when the caller leaves', async () => {
    const { getRun } = RunServiceService;
    const call = caller.client.makeUnaryRequest(
      getRun.path,
      getRun.requestSerialize,
      getRun.responseDeserialize,
      REQUEST,
      metadataOf(TOKEN_METADATA),
      () => {},
    );
    call.on('error', ({ code }: { readonly code: number }) => expect(code).toBe(status.CANCELLED));
    await until(() => signals.length === 1);
    expect(signals[0]?.aborted).toBe(false);
    call.cancel();
    await until(() => signals[0]?.aborted === true);
  });

  it('ends nothing that changes something: that goes on, whoever waits for it', async () => {
    const { service, close } = connection(DEADLINE_MS);
    await expect(service.pauseRun({ runId: 'r-1', reason: '', actor: '' })).rejects.toMatchObject({ code: 'TIMED_OUT' });
    expect(signals).toEqual([undefined]);
    close();
  });

  it('is not taken for over when the call was answered', async () => {
    gateway.services.getRun = async () => {
      signals.push(callSignal());
      return { run: A_RUN };
    };
    await caller.service(RunServiceService).getRun(REQUEST);
    await caller.service(RunServiceService).getRun(REQUEST);
    expect(signals.map((signal) => signal?.aborted)).toEqual([false, false]);
  });
});
