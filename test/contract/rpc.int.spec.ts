import { Client, credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DESCRIPTOR_SET } from '@tutti/contracts';
import fc from 'fast-check';
import protobuf, { type Method, type Type } from 'protobufjs';
import * as descriptor from 'protobufjs/ext/descriptor/index.js';
import { PUBLIC_SERVICES, serviceName } from '../../services/gateway/src/grpc/public-services.js';
import { startTestGateway, TOKEN, type TestGateway } from '../../services/gateway/src/testing/test-gateway.js';
import { damaged, messagesOf } from './rpc-messages.js';

/** Set it to send the messages of an earlier run again; every failure prints it. */
const SEED = Number(process.env['CONTRACT_SEED'] ?? 20_260_101);
const GOOD = 15;
const BAD = 15;
const DEADLINE_MS = 20_000;
const MOST_FAULTS = 10;
/** Statuses that stand for a fault nobody meant. */
const FAULTS: readonly status[] = [status.UNKNOWN, status.INTERNAL, status.DATA_LOSS, status.UNIMPLEMENTED];
/** As the client itself says it. */
const NOT_ANSWERED = /^Deadline exceeded after/;

const root = rootOf(Buffer.from(DESCRIPTOR_SET, 'base64'));
const names = [...PUBLIC_SERVICES.map(({ definition }) => serviceName(definition)), 'tutti.v1.EventFeedService'];
const methods = names.flatMap((name) =>
  root.lookupService(name).methodsArray.map((method) => ({ name: `${name}.${method.name}`, method: method.resolve() as Method })),
);

describe('every RPC of the public services', () => {
  let gateway: TestGateway;
  let client: Client;
  let ticking: NodeJS.Timeout;
  beforeAll(async () => {
    gateway = await startTestGateway();
    await gateway.append('run-r-1', 'RunCancelled');
    client = new Client(gateway.gateway.grpcUrl().replace('grpc://', ''), credentials.createInsecure());
    // Waits for positions that damaged messages name come to their end.
    ticking = setInterval(() => void gateway.runtime.advance(1_000), 20);
  });
  afterAll(async () => {
    clearInterval(ticking);
    client.close();
    await gateway.stop();
  });

  it.each(methods)('$name answers messages good and bad with what it says', async ({ method }) => {
    const request = method.resolvedRequestType as Type;
    const response = method.resolvedResponseType as Type;
    const good = fc
      .sample(messagesOf(request), { numRuns: GOOD, seed: SEED })
      .map((message) => request.encode(request.fromObject(message)).finish());
    const bad = good.flatMap((bytes, index) => fc.sample(damaged(bytes), { numRuns: Math.ceil(BAD / GOOD), seed: SEED + index }));
    const faults: string[] = [];
    for (const bytes of [...good, ...bad]) {
      const fault = faultOf(await call(method, Buffer.from(bytes)), response);
      if (fault !== null) faults.push(`${Buffer.from(bytes).toString('base64').slice(0, 200)}: ${fault}`);
    }
    expect({ seed: SEED, faults: faults.slice(0, MOST_FAULTS) }).toEqual({ seed: SEED, faults: [] });
  });

  /** What is answered, or the error; of a stream what comes first. */
  function call(method: Method, bytes: Buffer): Promise<Buffer | ServiceError> {
    const path = `/${method.parent?.fullName.slice(1) ?? ''}/${method.name}`;
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${TOKEN}`);
    const options = { deadline: performance.timeOrigin + performance.now() + DEADLINE_MS };
    return new Promise((resolve) => {
      if (method.responseStream !== true) {
        client.makeUnaryRequest(path, asIs, asIs, bytes, metadata, options, (error, answer) => resolve(error ?? answer ?? Buffer.alloc(0)));
        return;
      }
      const stream = client.makeServerStreamRequest(path, asIs, asIs, bytes, metadata, options);
      stream.once('data', (answer: Buffer) => {
        resolve(answer);
        stream.cancel();
      });
      stream.on('error', resolve);
      stream.once('end', () => resolve(Buffer.alloc(0)));
    });
  }
});

function faultOf(answer: Buffer | ServiceError, response: Type): string | null {
  if (!Buffer.isBuffer(answer))
    return FAULTS.includes(answer.code) || NOT_ANSWERED.test(answer.details) ? `${status[answer.code]}: ${answer.details}` : null;
  try {
    return response.verify(response.toObject(response.decode(answer)));
  } catch (error) {
    return `the answer cannot be read: ${String(error)}`;
  }
}

function rootOf(set: Buffer): protobuf.Root {
  const decoded = descriptor.FileDescriptorSet.decode(set);
  return (protobuf.Root as unknown as { fromDescriptor(set: unknown): protobuf.Root }).fromDescriptor(decoded);
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}
