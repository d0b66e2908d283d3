import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { toTuttiError } from '@tutti/kernel';

/** The server says in the trailer `exception` what happened; its clients make their errors from it. */
export function fault(code: status, exception: string, details: string, more: Readonly<Record<string, string>> = {}): ServiceError {
  const metadata = new Metadata();
  metadata.set('exception', exception);
  for (const [name, value] of Object.entries(more)) metadata.set(name, value);
  return Object.assign(new Error(details), { code, details, metadata });
}

export function streamDeleted(stream: string): ServiceError {
  return fault(status.FAILED_PRECONDITION, 'stream-deleted', `Event stream '${stream}' is deleted.`, { 'stream-name': stream });
}

export function appendTooLarge(bytes: number): ServiceError {
  return fault(status.INVALID_ARGUMENT, 'maximum-append-size-exceeded', `Maximum Append Size of ${bytes} Exceeded.`, {
    'maximum-append-size': String(bytes),
  });
}

/** What the store said, where the protocol has no word of its own for it. */
export function faultOf(thrown: unknown): ServiceError {
  if (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'number') return thrown as ServiceError;
  const { code, message } = toTuttiError(thrown);
  const plain = (found: status): ServiceError =>
    Object.assign(new Error(message), { code: found, details: message, metadata: new Metadata() });
  switch (code) {
    case 'INVALID_REQUEST':
      return plain(status.INVALID_ARGUMENT);
    case 'SHUTTING_DOWN':
    case 'STORE_UNAVAILABLE':
    case 'DISK_FULL':
      return plain(status.UNAVAILABLE);
    case 'OVERLOADED':
      return plain(status.RESOURCE_EXHAUSTED);
    default:
      return plain(status.UNKNOWN);
  }
}
