import { Metadata, type Client, type ServiceError } from '@grpc/grpc-js';
import { callSignal } from './call-signal.js';
import type { UnaryDefinition } from './unary-service.js';

export interface UnaryCallOptions {
  /** Milliseconds since 1970; the server is told as well. */
  readonly deadlineMs: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Asks once. Rejects with what gRPC says. Cancelled when whoever made the call on whose behalf this one is made waits no more. */
export function callUnary(
  client: Client,
  method: UnaryDefinition[string],
  request: unknown,
  { deadlineMs, metadata }: UnaryCallOptions,
): Promise<unknown> {
  return new Promise((resolve, reject: (failure: ServiceError) => void) => {
    const signal = callSignal();
    const cancel = (): void => call.cancel();
    const call = client.makeUnaryRequest(
      method.path,
      (value: unknown) => method.requestSerialize(value),
      (bytes: Buffer) => method.responseDeserialize(bytes),
      request,
      metadataOf(metadata),
      { deadline: deadlineMs },
      (failure, response) => {
        signal?.removeEventListener('abort', cancel);
        if (failure === null) resolve(response);
        else reject(failure);
      },
    );
    signal?.addEventListener('abort', cancel);
    if (signal?.aborted === true) cancel();
  });
}

function metadataOf(entries: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(entries)) metadata.set(key, value);
  return metadata;
}
