import {
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
} from '@grpc/grpc-js';
import { TuttiError, type Runtime } from '@tutti/kernel';
import type { EventStore } from '../event-store.port.js';
import { placed } from './append-answers.js';
import { expectationOf, takeAppend, takeBatchAppends } from './append-calls.js';
import { accessCheck, type Users } from './access.js';
import { Appending, type WireExpectation } from './appending.js';
import { fault, faultOf } from './faults.js';
import {
  serverFeatures,
  serverFeaturesGrpc,
  shared,
  streamNameOf,
  streams,
  streamsGrpc,
  type AppendReq,
  type AppendResp,
  type BatchAppendReq,
  type BatchAppendResp,
} from '../eventstoredb/messages.js';
import { READ_METHOD, takeRead, type ReadCall } from './read-calls.js';
import { SentEvents } from './sent-events.js';
import { DELETED_BEFORE, METADATA_TYPE, metadataStream, TOMBSTONE_TYPE } from './stream-state.js';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;
const MAX_APPEND_BYTES = 1024 * 1024;
const MAX_CALLS_OF_A_CLIENT = 1_000;
const CLOSE_LIMIT_MS = 2_000;
/** The version whose behaviour is kept to; clients ask for it before they use what not every version has. */
const SERVER_VERSION = '24.10.0';

export interface EventStoreDbListenerOptions {
  readonly store: EventStore;
  readonly runtime: Runtime;
  /** A loopback address unless there is `tls`. Default 127.0.0.1. */
  readonly host?: string;
  /** 0, the default, for any free one. */
  readonly port?: number;
  readonly tls?: { readonly key: Buffer; readonly cert: Buffer };
  /** Who may do everything; nobody else may do anything then. Only with `tls`: clients send no password without it. Default: everybody may. */
  readonly users?: Users;
  /** Bytes of data and metadata of one append; the store behind has to take as much. Default 1 MiB, as the server has it. */
  readonly maxAppendBytes?: number;
}

export interface EventStoreDbListener {
  /** Like `esdb://127.0.0.1:2113?tls=false`. */
  readonly connectionString: string;
  /** Ends every call, then stops. */
  close(): Promise<void>;
}

type DeleteReq = InstanceType<typeof streams.DeleteReq> | InstanceType<typeof streams.TombstoneReq>;

/**
 * EventStoreDB's protocol over a store of Tutti: its clients read, append, delete and subscribe as they would there. What a client writes it reads back as the same
 * bytes; what Tutti wrote is JSON with the envelope in its metadata.
 *
 * @throws TuttiError INVALID_CONFIG for an address that other machines reach without `tls`, or that cannot be had
 */
export async function listenAsEventStoreDb(options: EventStoreDbListenerOptions): Promise<EventStoreDbListener> {
  const { store, runtime, host = '127.0.0.1', port = 0, tls, users, maxAppendBytes = MAX_APPEND_BYTES } = options;
  if (tls === undefined && !LOOPBACK.test(host))
    throw new TuttiError(
      'INVALID_CONFIG',
      `the listener would be reached at ${host} without encryption; give it a key and a certificate, or 127.0.0.1`,
    );
  if (tls === undefined && users !== undefined)
    throw new TuttiError(
      'INVALID_CONFIG',
      'the listener has users, but no key and certificate: clients give their passwords to nobody then',
    );
  const appending = await Appending.open(store, maxAppendBytes);
  // An append that is too large is to be refused with a reason, not cut off.
  const server = new Server({
    'grpc.max_receive_message_length': 16 * maxAppendBytes,
    'grpc.max_send_message_length': 16 * maxAppendBytes,
    'grpc.max_concurrent_streams': MAX_CALLS_OF_A_CLIENT,
    ...(users === undefined ? {} : { interceptors: [accessCheck(users)] }),
  });
  const reading = { store, ids: runtime.ids, sent: new SentEvents(), open: { calls: 0 } };
  server.addService(
    { ...streamsGrpc.StreamsService, read: READ_METHOD },
    {
      read: (call: ReadCall) => void takeRead(reading, call),
      append: (call: ServerReadableStream<AppendReq, AppendResp>, answer: sendUnaryData<AppendResp>) =>
        void takeAppend(appending, maxAppendBytes, call, answer),
      batchAppend: (call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>) =>
        takeBatchAppends({ appending, clock: runtime.clock, maxAppendBytes }, call),
      delete: deletion(
        appending,
        runtime,
        new Deletion(metadataStream, METADATA_TYPE, { $tb: DELETED_BEFORE }),
        () => new streams.DeleteResp(),
      ),
      tombstone: deletion(appending, runtime, new Deletion((stream) => stream, TOMBSTONE_TYPE, {}), () => new streams.TombstoneResp()),
    },
  );
  server.addService(serverFeaturesGrpc.ServerFeaturesService, {
    getSupportedMethods: (_: unknown, answer: sendUnaryData<InstanceType<typeof serverFeatures.SupportedMethods>>) =>
      answer(null, supportedMethods()),
  });
  const credentials =
    tls === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [{ private_key: tls.key, cert_chain: tls.cert }]);
  const address = `${host.includes(':') ? `[${host}]` : host}`;
  const bound = await bind(server, `${address}:${port}`, credentials);
  return {
    connectionString: `esdb://${address}:${bound}?tls=${tls !== undefined}`,
    close: () => closeServer(server, runtime),
  };
}

/** What a delete writes, and where. */
class Deletion {
  constructor(
    readonly target: (stream: string) => string,
    readonly type: string,
    readonly data: Readonly<Record<string, number>>,
  ) {}
}

function deletion<Response extends { setPosition(value: never): unknown }>(
  appending: Appending,
  runtime: Runtime,
  { target, type, data }: Deletion,
  create: () => Response,
) {
  const take = async (call: ServerUnaryCall<DeleteReq, Response>): Promise<Response> => {
    const options = call.request.getOptions();
    if (options === undefined) throw fault(status.INVALID_ARGUMENT, 'invalid-argument', 'a deletion has options');
    const stream = streamNameOf(options.getStreamIdentifier());
    await check(appending, stream, expectationOf(options));
    const event = {
      id: runtime.ids.next(),
      type,
      contentType: 'application/json',
      data: Buffer.from(JSON.stringify(data)),
      metadata: new Uint8Array(),
    };
    const outcome = await appending.append(target(stream), 'any', [event]);
    const response = create();
    if ('appended' in outcome) response.setPosition(placed(new shared.AllStreamPosition(), outcome.appended.position ?? 0) as never);
    return response;
  };
  return (call: ServerUnaryCall<DeleteReq, Response>, answer: sendUnaryData<Response>): void => {
    take(call).then(
      (response) => answer(null, response),
      (error: unknown) => answer(faultOf(error)),
    );
  };
}

/** @throws ServiceError unless the stream is as the caller expects it */
async function check(appending: Appending, stream: string, expected: WireExpectation): Promise<void> {
  const outcome = await appending.append(stream, expected, []);
  if ('appended' in outcome) return;
  const { current } = outcome.wrong;
  throw fault(status.FAILED_PRECONDITION, 'wrong-expected-version', `the stream ${stream} is at ${current}, expected ${expected}`, {
    'stream-name': stream,
    'expected-version': String(expected === 'no-stream' ? -1 : expected === 'any' ? -2 : expected === 'stream-exists' ? -4 : expected),
    ...(current < 0 ? {} : { 'actual-version': String(current) }),
  });
}

function supportedMethods(): InstanceType<typeof serverFeatures.SupportedMethods> {
  const answer = new serverFeatures.SupportedMethods();
  answer.setEventStoreServerVersion(SERVER_VERSION);
  for (const { path } of Object.values(streamsGrpc.StreamsService) as unknown as readonly { readonly path: string }[]) {
    const [service = '', name = ''] = path.slice(1).split('/');
    const method = new serverFeatures.SupportedMethod();
    method.setServiceName(service);
    method.setMethodName(name.toLowerCase());
    answer.addMethods(method);
  }
  return answer;
}

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (error === null) resolve(port);
      else reject(new TuttiError('INVALID_CONFIG', `the listener cannot have ${address}: ${error.message}`, { cause: error }));
    });
  });
}

/** Clients see that it is unavailable, and come back to the next one. */
async function closeServer(server: Server, { timers }: Runtime): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = timers.after(CLOSE_LIMIT_MS, resolve);
  server.forceShutdown();
  server.tryShutdown(() => resolve());
  await promise;
  cancel();
}
