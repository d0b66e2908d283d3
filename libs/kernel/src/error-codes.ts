import type { ErrorKind } from './error-kinds.js';

interface ErrorCodeEntry {
  readonly kind: ErrorKind;
  readonly retryable: boolean;
  /** What a user should make of it; shown in the error reference. */
  readonly title: string;
}

const define = (kind: ErrorKind, title: string, retryable = false): ErrorCodeEntry => ({ kind, title, retryable });

/** Every code that Tutti answers with. A code keeps its meaning for ever; new failures get new codes. */
export const ERROR_CODES = {
  INVALID_REQUEST: define('invalid', 'The request does not have the shape the operation takes'),
  INVALID_CONFIG: define('invalid', 'The configuration is not valid'),
  DEFINITION_INVALID: define('invalid', 'The workflow definition has errors'),
  INPUT_INVALID: define('invalid', 'The input does not match the workflow’s input schema'),
  EXPRESSION_FAILED: define('invalid', 'An expression could not be evaluated'),
  NO_CASE: define('invalid', 'A switch came to a case that it does not have'),
  UNAUTHENTICATED: define('unauthenticated', 'The token is missing or not known'),
  PERMISSION_DENIED: define('forbidden', 'The credential does not allow this'),
  NOT_AN_APPROVER: define('forbidden', 'The approval is for other people to decide'),
  ORIGIN_REFUSED: define('forbidden', 'The Host or Origin header is not on the list'),
  WORKFLOW_NOT_FOUND: define('not-found', 'There is no such workflow or version'),
  RUN_NOT_FOUND: define('not-found', 'There is no such run'),
  TASK_NOT_FOUND: define('not-found', 'There is no such task in the run'),
  APPROVAL_NOT_FOUND: define('not-found', 'There is no such approval'),
  QUERY_NOT_FOUND: define('not-found', 'The workflow has no such query'),
  AGENT_NOT_FOUND: define('not-found', 'There is no such agent'),
  SERVICE_NOT_FOUND: define('not-found', 'There is no such service'),
  DEAD_LETTER_NOT_FOUND: define('not-found', 'There is no such dead letter'),
  CHANNEL_NOT_FOUND: define('not-found', 'There is no such notification channel'),
  SCHEDULE_NOT_FOUND: define('not-found', 'There is no such schedule'),
  HOOK_NOT_FOUND: define('not-found', 'No workflow has such a webhook'),
  BLOB_NOT_FOUND: define('not-found', 'There is no such stored value'),
  KEY_NOT_FOUND: define('not-found', 'There is no such API key'),
  ROUTE_NOT_FOUND: define('not-found', 'There is no such address'),
  METHOD_NOT_ALLOWED: define('invalid', 'The address does not take this method'),
  REVISION_CONFLICT: define('conflict', 'Somebody else changed it first', true),
  IDEMPOTENCY_CONFLICT: define('conflict', 'The idempotency key was used for a different request'),
  SCHEDULE_EXISTS: define('conflict', 'There is a schedule of that name already'),
  KEY_EXISTS: define('conflict', 'There is an API key of that name already'),
  KEY_REVOKED: define('failed-precondition', 'The API key is revoked or expired'),
  SCHEDULE_OWNED: define('failed-precondition', 'The schedule stands in a definition and is changed there'),
  RUN_ENDED: define('failed-precondition', 'The run has already ended'),
  WORKFLOW_VERSION_DRAINED: define('failed-precondition', 'The version takes no new runs'),
  MIGRATION_REFUSED: define('failed-precondition', 'The run cannot go on by the other version as it is'),
  CHILDREN_TOO_DEEP: define('failed-precondition', 'A run would start child runs too many levels down'),
  REPEAT_EXHAUSTED: define('failed-precondition', 'A step was repeated as often as it may be, and was not done'),
  SIGNALS_FULL: define('exhausted', 'Too many signals wait to be taken by the run', true),
  APPROVAL_DECIDED: define('failed-precondition', 'The approval is already decided'),
  PAYLOAD_CHANGED: define('failed-precondition', 'What is approved is not what was shown'),
  LEASE_EXPIRED: define('failed-precondition', 'The lease is over; register again'),
  SIDE_EFFECT_UNCERTAIN: define('failed-precondition', 'Nobody knows whether an irreversible step has happened'),
  NOT_REPAIRABLE: define('failed-precondition', 'There is nothing to repair in the run as it is'),
  STEP_MISMATCH: define('failed-precondition', 'An attempt came to another step than the one before'),
  PAYLOAD_TOO_LARGE: define('too-large', 'The request or value is larger than allowed'),
  CONTENT_TYPE_UNSUPPORTED: define('unsupported', 'The content type is not one the operation takes'),
  OVERLOADED: define('exhausted', 'Too much is in flight; try again later', true),
  RATE_LIMITED: define('exhausted', 'The caller asks more often than it may', true),
  CANCELLED: define('cancelled', 'It was cancelled'),
  TIMED_OUT: define('timeout', 'It took longer than its limit', true),
  SHUTTING_DOWN: define('unavailable', 'The service is starting or stopping', true),
  STORE_UNAVAILABLE: define('unavailable', 'The store refuses writes until it is checked'),
  DISK_FULL: define('unavailable', 'Free space is below the floor; nothing was written', true),
  STORE_LOCKED: define('unavailable', 'Another process holds the data folder', true),
  DATA_DAMAGED: define('internal', 'Stored data does not match its checks'),
  AGENT_FAILED: define('internal', 'The agent ended with an error'),
  INTERNAL: define('internal', 'An unexpected fault'),
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}
