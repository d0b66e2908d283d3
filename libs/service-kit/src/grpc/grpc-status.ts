import { Metadata, status, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import { GRPC_ERROR_KEYS } from '@tutti/contracts';
import { isErrorCode, isJsonObject, TRANSPORT_STATUS, TuttiError, type ErrorCode, type JsonValue } from '@tutti/kernel';

/** Errors travel in HTTP/2 headers, of which peers take 64 KiB together. */
const MAX_DETAILS_BYTES = 24 * 1024;
const MAX_MESSAGE_LENGTH = 4_000;

/** What gRPC itself reports, before or without any answer of the service. */
const CODE_OF_STATUS: Partial<Record<status, ErrorCode>> = {
  [status.CANCELLED]: 'CANCELLED',
  [status.INVALID_ARGUMENT]: 'INVALID_REQUEST',
  [status.DEADLINE_EXCEEDED]: 'TIMED_OUT',
  [status.UNAUTHENTICATED]: 'UNAUTHENTICATED',
  [status.RESOURCE_EXHAUSTED]: 'PAYLOAD_TOO_LARGE',
  [status.UNAVAILABLE]: 'SHUTTING_DOWN',
};

/**
 * An error as a gRPC status. Its code, whether it may be retried and its details go along in the trailing metadata. Messages are cut at 4,000 characters; of details over
 * 24 KiB only the first problems are kept.
 */
export function statusOf(error: TuttiError): StatusObject {
  const metadata = new Metadata();
  metadata.set(GRPC_ERROR_KEYS.code, error.code);
  metadata.set(GRPC_ERROR_KEYS.retryable, String(error.retryable));
  const details = detailsText(error.details);
  if (details !== undefined) metadata.set(GRPC_ERROR_KEYS.details, Buffer.from(details));
  return { code: TRANSPORT_STATUS[error.kind].grpc, details: error.message.slice(0, MAX_MESSAGE_LENGTH).toWellFormed(), metadata };
}

/** The error that was thrown on the other side, or what gRPC found on the way there. */
export function errorOf(failure: ServiceError, address: string): TuttiError {
  const code = textOf(failure.metadata, GRPC_ERROR_KEYS.code);
  if (code === undefined || !isErrorCode(code)) {
    return new TuttiError(CODE_OF_STATUS[failure.code] ?? 'INTERNAL', `call to ${address} failed: ${failure.message}`, { cause: failure });
  }
  const details = failure.metadata.get(GRPC_ERROR_KEYS.details)[0];
  return new TuttiError(code, failure.details, {
    cause: failure,
    retryable: textOf(failure.metadata, GRPC_ERROR_KEYS.retryable) === 'true',
    ...(Buffer.isBuffer(details) ? { details: JSON.parse(details.toString()) as JsonValue } : {}),
  });
}

function detailsText(details: JsonValue | undefined): string | undefined {
  if (details === undefined) return undefined;
  const text = JSON.stringify(details);
  if (Buffer.byteLength(text) <= MAX_DETAILS_BYTES) return text;
  const problems = isJsonObject(details) ? details['problems'] : undefined;
  if (!isJsonObject(details) || !Array.isArray(problems) || problems.length < 2) return undefined;
  return detailsText({ ...details, problems: problems.slice(0, Math.floor(problems.length / 2)) });
}

function textOf(metadata: Metadata, key: string): string | undefined {
  const value = metadata.get(key)[0];
  return typeof value === 'string' ? value : undefined;
}
