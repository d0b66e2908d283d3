import {
  Server,
  ServerCredentials,
  type Metadata,
  type sendUnaryData,
  type ServerUnaryCall,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { toTuttiError, TuttiError } from '@tutti/kernel';
import type { Logger } from '../logger.js';
import { withCallSignal } from './call-signal.js';
import { statusOf } from './grpc-status.js';
import { NO_TRACER, type Tracer } from '../tracing/tracer.js';
import { isReading } from './repeatable-call.js';
import { traceService } from './traced-call.js';
import type { ServiceOf, UnaryDefinition } from './unary-service.js';

/** Longest message: the largest body the gateway takes, with room for its encoding. */
export const MAX_GRPC_MESSAGE_BYTES = 64 * 1024 * 1024;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

interface ServeOptions {
  readonly logger: Logger;
  /** Runs each call inside what the caller's metadata asks for, like its trace. */
  readonly around?: <Response>(metadata: Metadata, call: () => Promise<Response>) => Promise<Response>;
  /** The request as the implementation gets it, with what the caller's metadata says besides. */
  readonly prepare?: (request: unknown, metadata: Metadata) => unknown;
  readonly tracer?: Tracer;
}

/** A server that takes messages as large as Tutti's are. */
export function createGrpcServer(): Server {
  return new Server({ 'grpc.max_receive_message_length': MAX_GRPC_MESSAGE_BYTES });
}

/** Adds a service to a server. What the implementation throws reaches the caller as the same TuttiError. What only reads stops waiting when its caller does. */
export function serveGrpc<Definition extends UnaryDefinition>(
  server: Server,
  definition: Definition,
  implementation: ServiceOf<Definition>,
  { logger, around = (_, call) => call(), prepare = (request) => request, tracer = NO_TRACER }: ServeOptions,
): void {
  const handlers: UntypedServiceImplementation = {};
  for (const [name, method] of Object.entries(definition)) {
    // Looked up by name for each call: an implementation may be a class, whose methods need their instance.
    const invoke = (request: unknown): Promise<unknown> => implementation[name as keyof Definition](request as never);
    handlers[name] = (call: ServerUnaryCall<unknown, unknown>, answer: sendUnaryData<unknown>): void => {
      const work = (): Promise<unknown> =>
        traceService(tracer, method.path, call, () => around(call.metadata, async () => invoke(prepare(call.request, call.metadata))));
      answerWith(answer, isReading(name) ? whileWaitedFor(call, work) : work(), (error) =>
        logger.error('a call failed', { path: method.path, err: error }),
      );
    };
  }
  server.addService(definition, handlers);
}

/**
 * Listens, without encryption and so on loopback addresses only.
 *
 * @returns the port
 * @throws TuttiError INVALID_CONFIG for another address, or one that is taken
 */
export async function listenGrpc(server: Server, host: string, port: number, beyondLoopback = false): Promise<number> {
  if (!beyondLoopback && !LOOPBACK.test(host))
    throw new TuttiError('INVALID_CONFIG', `gRPC would listen on ${host} without encryption; expected a loopback address like 127.0.0.1`);
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(new TuttiError('INVALID_CONFIG', `gRPC cannot listen on ${address}: ${error.message}`, { cause: error }));
    });
  });
}

/** With a signal that is aborted when the call's deadline has passed or its caller is gone. */
function whileWaitedFor<Result>(call: ServerUnaryCall<unknown, unknown>, work: () => Promise<Result>): Promise<Result> {
  const ended = new AbortController();
  const abort = (): void => ended.abort();
  call.once('cancelled', abort);
  // Every call is reported as cancelled in the end, those that were answered too.
  return withCallSignal(ended.signal, work).finally(() => call.off('cancelled', abort));
}

function answerWith(answer: sendUnaryData<unknown>, work: Promise<unknown>, logFault: (error: unknown) => void): void {
  work.then(
    (response) => answer(null, response),
    (thrown: unknown) => {
      const error = toTuttiError(thrown);
      if (error.kind === 'internal') logFault(thrown);
      answer(statusOf(error));
    },
  );
}
