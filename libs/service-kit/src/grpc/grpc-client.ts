import { Client, type ChannelCredentials, type ServiceError } from '@grpc/grpc-js';
import type { Clock } from '@tutti/kernel';
import { errorOf } from './grpc-status.js';
import { MAX_GRPC_MESSAGE_BYTES } from './serve-grpc.js';
import { callUnary } from './unary-call.js';
import type { ServiceOf, UnaryDefinition } from './unary-service.js';

interface ClientOptions {
  /** Longest time for one call; the server is told as well. */
  readonly deadlineMs: number;
  readonly clock: Pick<Clock, 'now'>;
  /** What goes along with each call, like a `traceparent`. */
  readonly metadata?: () => Readonly<Record<string, string>>;
}

export interface GrpcConnection<Service> {
  readonly service: Service;
  /** Ends the connection; calls in flight fail with CANCELLED. */
  close(): void;
}

/**
 * The service behind an address, under the interface it has in one process. It connects with the first call and again after every loss; nothing is repeated by itself.
 *
 * Calls throw what the other side threw, TIMED_OUT after the deadline, and SHUTTING_DOWN (which may be retried) when nobody answers at the address.
 */
export function grpcClient<Definition extends UnaryDefinition>(
  definition: Definition,
  address: string,
  credentials: ChannelCredentials,
  { deadlineMs, clock, metadata = () => ({}) }: ClientOptions,
): GrpcConnection<ServiceOf<Definition>> {
  const client = new Client(address, credentials, { 'grpc.max_receive_message_length': MAX_GRPC_MESSAGE_BYTES, 'grpc.enable_retries': 0 });
  const methods = Object.entries(definition).map(([name, method]) => {
    const call = async (request: unknown): Promise<unknown> => {
      try {
        return await callUnary(client, method, request, { deadlineMs: clock.now() + deadlineMs, metadata: metadata() });
      } catch (failure) {
        throw errorOf(failure as ServiceError, address);
      }
    };
    return [name, call];
  });
  return { service: Object.fromEntries(methods) as ServiceOf<Definition>, close: () => client.close() };
}
