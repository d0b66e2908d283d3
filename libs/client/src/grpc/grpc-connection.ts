import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { EventFeedServiceService, fromEventRecord, type FollowResponse } from '@tutti/contracts';
import type { Clock } from '@tutti/kernel';
import { aborted } from '../client-error.js';
import type { Endpoint } from '../locating/endpoint.js';
import type { FeedConnection, FeedItem, FollowRequest } from '../transport.port.js';
import { errorFromGrpc } from './grpc-error.js';

/** One method as the contracts' generated code defines it. */
export interface UnaryMethod<Request, Response> {
  readonly path: string;
  readonly requestSerialize: (value: Request) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

export interface GrpcConnection {
  call<Request, Response>(method: UnaryMethod<Request, Response>, request: Request, signal?: AbortSignal): Promise<Response>;
  follow(request: FollowRequest): FeedConnection;
  close(): void;
}

/** The largest answer that the server gives. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
const KEEPALIVE_MS = 20_000;
const FIRST_RECONNECT_MS = 100;
const LONGEST_RECONNECT_MS = 2_000;

/** One connection to an endpoint; it is made with the first call. */
export function openGrpcConnection(endpoint: Endpoint, clock: Pick<Clock, 'now'>, requestLimitMs: number): GrpcConnection {
  const { protocol, host } = new URL(endpoint.url);
  const client = new Client(host, protocol === 'grpcs:' ? credentials.createSsl() : credentials.createInsecure(), {
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    // What may be tried again is tried again above.
    'grpc.enable_retries': 0,
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    // gRPC's own waits grow to two minutes, in which a server that is back would count as gone.
    'grpc.initial_reconnect_backoff_ms': FIRST_RECONNECT_MS,
    'grpc.max_reconnect_backoff_ms': LONGEST_RECONNECT_MS,
    // A proxy of the environment is for the web.
    'grpc.enable_http_proxy': 0,
  });
  const metadata = metadataOf(endpoint);
  return {
    call({ path, requestSerialize, responseDeserialize }, request, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(aborted(signal));
        const onAbort = (): void => call.cancel();
        const options = { deadline: clock.now() + requestLimitMs };
        const call = client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, metadata, options, (error, response) => {
          signal?.removeEventListener('abort', onAbort);
          if (error === null) resolve(response as NonNullable<typeof response>);
          else if (signal?.aborted === true) reject(aborted(signal));
          else reject(errorFromGrpc(error, `${path.slice(1)} at ${endpoint.url}`));
        });
        signal?.addEventListener('abort', onAbort);
      });
    },
    follow({ after, runId = '', categories = [], types = [] }) {
      const { path, requestSerialize, responseDeserialize } = EventFeedServiceService.follow;
      const request = { after: after === 'head' ? undefined : after, runId, categories, types };
      const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request, metadata);
      // Cancelled before anybody iterates, it still reports that.
      stream.on('error', () => {});
      return { [Symbol.asyncIterator]: () => itemsOf(stream, `${path.slice(1)} at ${endpoint.url}`), close: () => stream.cancel() };
    },
    close: () => client.close(),
  };
}

/** Reading pauses while nobody takes: the stream's own flow control does the rest. */
async function* itemsOf(stream: AsyncIterable<FollowResponse>, where: string): AsyncGenerator<FeedItem, void> {
  try {
    for await (const { event, caughtUp } of stream) {
      if (event !== undefined) yield { kind: 'event', event: fromEventRecord(event) };
      if (caughtUp !== undefined) yield { kind: 'caught-up', position: caughtUp.position };
    }
  } catch (error) {
    throw errorFromGrpc(error as ServiceError, where);
  }
}

function metadataOf({ token, actor }: Endpoint): Metadata {
  const metadata = new Metadata();
  if (actor !== null) metadata.set('tutti-actor', actor);
  if (token !== null) metadata.set('authorization', `Bearer ${token}`);
  return metadata;
}
