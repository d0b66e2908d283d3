import { status, type Metadata, type ServiceError } from '@grpc/grpc-js';
import { GRPC_ERROR_KEYS } from '@tutti/contracts';
import { TuttiClientError } from '../client-error.js';

interface Finding {
  readonly code: string;
  readonly retryable: boolean;
}

const UNREACHABLE: Finding = { code: 'UNREACHABLE', retryable: true };

/** What gRPC itself reports, before or without any answer of the service. A call that was cut on its way may have arrived or not. */
const FINDINGS: Partial<Record<status, Finding>> = {
  [status.UNAVAILABLE]: UNREACHABLE,
  [status.CANCELLED]: UNREACHABLE,
  [status.INTERNAL]: { code: 'INTERNAL', retryable: false },
  [status.UNKNOWN]: { code: 'INTERNAL', retryable: false },
  [status.DEADLINE_EXCEEDED]: { code: 'TIMED_OUT', retryable: false },
  [status.RESOURCE_EXHAUSTED]: { code: 'PAYLOAD_TOO_LARGE', retryable: false },
  [status.UNAUTHENTICATED]: { code: 'UNAUTHENTICATED', retryable: false },
  [status.INVALID_ARGUMENT]: { code: 'INVALID_REQUEST', retryable: false },
};

/** The error that the server threw, or what gRPC found on the way there. */
export function errorFromGrpc(failure: ServiceError, where: string): TuttiClientError {
  const code = textOf(failure.metadata, GRPC_ERROR_KEYS.code);
  if (code === undefined) {
    const finding = FINDINGS[failure.code] ?? { code: 'ANSWER_UNREADABLE', retryable: false };
    return new TuttiClientError(finding.code, `${where} failed: ${failure.details}`, {
      where,
      retryable: finding.retryable,
      cause: failure,
    });
  }
  const details = failure.metadata.get(GRPC_ERROR_KEYS.details)[0];
  return new TuttiClientError(code, failure.details, {
    where,
    retryable: textOf(failure.metadata, GRPC_ERROR_KEYS.retryable) === 'true',
    cause: failure,
    ...(Buffer.isBuffer(details) ? { details: JSON.parse(details.toString()) as unknown } : {}),
  });
}

function textOf(metadata: Metadata | undefined, key: string): string | undefined {
  const value = metadata?.get(key)[0];
  return typeof value === 'string' ? value : undefined;
}
