import { TuttiError } from '@tutti/kernel';

interface Method {
  readonly path: string;
  readonly requestDeserialize: (bytes: Buffer) => unknown;
}

/** Stands for a request whose bytes are not what its message has. */
const UNREADABLE = Object.freeze({});

/** The same methods, with requests that cannot be read handed on for {@link unreadable}: grpc-js would answer them as a fault of the server. */
export function takingAnyBytes<Definition extends Readonly<Record<string, Method>>>(definition: Definition): Definition {
  const methods = Object.entries(definition).map(([name, method]) => [
    name,
    { ...method, requestDeserialize: (bytes: Buffer) => readOrNot(method, bytes) },
  ]);
  return Object.fromEntries(methods) as Definition;
}

/** Why the request is refused; null when it could be read. */
export function unreadable(request: unknown): TuttiError | null {
  return request === UNREADABLE ? new TuttiError('INVALID_REQUEST', 'the bytes of the request are not those of its message') : null;
}

function readOrNot(method: Method, bytes: Buffer): unknown {
  try {
    return method.requestDeserialize(bytes);
  } catch {
    return UNREADABLE;
  }
}
