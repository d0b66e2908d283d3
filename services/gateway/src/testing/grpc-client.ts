import { Client, credentials, Metadata, type ClientReadableStream } from '@grpc/grpc-js';
import { EventFeedServiceService, type FollowRequest, type FollowResponse } from '@tutti/contracts';
import { grpcClient, type ServiceOf, type UnaryDefinition } from '@tutti/service-kit';
import { createSystemRuntime } from '@tutti/service-kit/system';
import { TOKEN, type TestGateway } from './test-gateway.js';

export interface GrpcCaller {
  /** The service as an installed client calls it. */
  service<Definition extends UnaryDefinition>(definition: Definition, metadata?: Readonly<Record<string, string>>): ServiceOf<Definition>;
  follow(request: Partial<FollowRequest>, metadata?: Readonly<Record<string, string>>): ClientReadableStream<FollowResponse>;
  /** One call with the bytes of one message; what is answered as bytes. */
  raw(path: string, message: Buffer, metadata?: Readonly<Record<string, string>>): Promise<Buffer>;
  readonly client: Client;
  close(): void;
}

const asIs = (bytes: Buffer): Buffer => bytes;

/** A caller of the gateway's gRPC. */
export function grpcCaller({ gateway }: TestGateway): GrpcCaller {
  const address = gateway.grpcUrl().replace('grpc://', '');
  const client = new Client(address, credentials.createInsecure());
  const { clock } = createSystemRuntime();
  const withToken = { authorization: `Bearer ${TOKEN}` };
  const opened: (() => void)[] = [];
  return {
    client,
    service(definition, metadata = withToken) {
      const connection = grpcClient(definition, address, credentials.createInsecure(), {
        deadlineMs: 5_000,
        clock,
        metadata: () => metadata,
      });
      opened.push(() => connection.close());
      return connection.service;
    },
    follow(request, metadata = withToken) {
      const { path, requestSerialize, responseDeserialize } = EventFeedServiceService.follow;
      const whole: FollowRequest = { after: undefined, runId: '', categories: [], types: [], ...request };
      return client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, whole, metadataOf(metadata));
    },
    raw: (path, message, metadata = {}) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(path, asIs, asIs, message, metadataOf(metadata), (error, bytes) => {
          if (error === null) resolve(bytes ?? Buffer.alloc(0));
          else reject(error);
        });
      }),
    close() {
      for (const close of opened) close();
      client.close();
    },
  };
}

export function metadataOf(entries: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(entries)) metadata.set(key, value);
  return metadata;
}

const UNTIL_LIMIT_MS = 10_000;

/** Waits, for what the network brings. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const { clock } = createSystemRuntime();
  for (const begun = clock.monotonic(); clock.monotonic() - begun < UNTIL_LIMIT_MS;) {
    if (await holds()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`it did not come to hold within ${UNTIL_LIMIT_MS} ms`);
}
