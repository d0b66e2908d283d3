import { describe, expect, it } from '@jest/globals';
import { ERROR_CODES, isErrorCode } from './error-codes.js';
import { TRANSPORT_STATUS } from './error-kinds.js';

/** What callers have been promised. Lines are added, never changed or taken away. */
const PROMISED: Readonly<Record<string, readonly [kind: string, http: number, grpc: number, retryable: boolean]>> = {
  INVALID_REQUEST: ['invalid', 400, 3, false],
  INVALID_CONFIG: ['invalid', 400, 3, false],
  DEFINITION_INVALID: ['invalid', 400, 3, false],
  INPUT_INVALID: ['invalid', 400, 3, false],
  EXPRESSION_FAILED: ['invalid', 400, 3, false],
  NO_CASE: ['invalid', 400, 3, false],
  UNAUTHENTICATED: ['unauthenticated', 401, 16, false],
  PERMISSION_DENIED: ['forbidden', 403, 7, false],
  NOT_AN_APPROVER: ['forbidden', 403, 7, false],
  ORIGIN_REFUSED: ['forbidden', 403, 7, false],
  WORKFLOW_NOT_FOUND: ['not-found', 404, 5, false],
  RUN_NOT_FOUND: ['not-found', 404, 5, false],
  TASK_NOT_FOUND: ['not-found', 404, 5, false],
  APPROVAL_NOT_FOUND: ['not-found', 404, 5, false],
  QUERY_NOT_FOUND: ['not-found', 404, 5, false],
  AGENT_NOT_FOUND: ['not-found', 404, 5, false],
  SERVICE_NOT_FOUND: ['not-found', 404, 5, false],
  DEAD_LETTER_NOT_FOUND: ['not-found', 404, 5, false],
  SCHEDULE_NOT_FOUND: ['not-found', 404, 5, false],
  HOOK_NOT_FOUND: ['not-found', 404, 5, false],
  CHANNEL_NOT_FOUND: ['not-found', 404, 5, false],
  BLOB_NOT_FOUND: ['not-found', 404, 5, false],
  KEY_NOT_FOUND: ['not-found', 404, 5, false],
  ROUTE_NOT_FOUND: ['not-found', 404, 5, false],
  METHOD_NOT_ALLOWED: ['invalid', 400, 3, false],
  REVISION_CONFLICT: ['conflict', 409, 10, true],
  IDEMPOTENCY_CONFLICT: ['conflict', 409, 10, false],
  SCHEDULE_EXISTS: ['conflict', 409, 10, false],
  KEY_EXISTS: ['conflict', 409, 10, false],
  KEY_REVOKED: ['failed-precondition', 409, 9, false],
  SCHEDULE_OWNED: ['failed-precondition', 409, 9, false],
  RUN_ENDED: ['failed-precondition', 409, 9, false],
  REPEAT_EXHAUSTED: ['failed-precondition', 409, 9, false],
  SIGNALS_FULL: ['exhausted', 429, 8, true],
  APPROVAL_DECIDED: ['failed-precondition', 409, 9, false],
  PAYLOAD_CHANGED: ['failed-precondition', 409, 9, false],
  LEASE_EXPIRED: ['failed-precondition', 409, 9, false],
  SIDE_EFFECT_UNCERTAIN: ['failed-precondition', 409, 9, false],
  WORKFLOW_VERSION_DRAINED: ['failed-precondition', 409, 9, false],
  MIGRATION_REFUSED: ['failed-precondition', 409, 9, false],
  CHILDREN_TOO_DEEP: ['failed-precondition', 409, 9, false],
  NOT_REPAIRABLE: ['failed-precondition', 409, 9, false],
  STEP_MISMATCH: ['failed-precondition', 409, 9, false],
  PAYLOAD_TOO_LARGE: ['too-large', 413, 3, false],
  CONTENT_TYPE_UNSUPPORTED: ['unsupported', 415, 12, false],
  OVERLOADED: ['exhausted', 429, 8, true],
  RATE_LIMITED: ['exhausted', 429, 8, true],
  CANCELLED: ['cancelled', 409, 1, false],
  TIMED_OUT: ['timeout', 504, 4, true],
  SHUTTING_DOWN: ['unavailable', 503, 14, true],
  STORE_UNAVAILABLE: ['unavailable', 503, 14, false],
  DISK_FULL: ['unavailable', 503, 14, true],
  STORE_LOCKED: ['unavailable', 503, 14, true],
  DATA_DAMAGED: ['internal', 500, 13, false],
  AGENT_FAILED: ['internal', 500, 13, false],
  INTERNAL: ['internal', 500, 13, false],
};

describe('the table of error codes', () => {
  it('answers every code with the kind, statuses and retryability that callers were promised', () => {
    const now = Object.entries(ERROR_CODES).map(([code, { kind, retryable }]) => {
      const { http, grpc } = TRANSPORT_STATUS[kind];
      return [code, [kind, http, grpc, retryable]];
    });
    expect(Object.fromEntries(now)).toEqual(PROMISED);
  });

  it('names codes in upper case with underscores and gives each a title of its own', () => {
    const titles = Object.entries(ERROR_CODES).map(([code, { title }]) => {
      expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
      expect(title).toMatch(/\S.*[^.\s]$/);
      return title;
    });
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('has only kinds that some code uses, each with an error status', () => {
    const used = new Set(Object.values(ERROR_CODES).map(({ kind }) => kind));
    expect(Object.keys(TRANSPORT_STATUS).toSorted()).toEqual([...used].toSorted());
    for (const { http, grpc } of Object.values(TRANSPORT_STATUS)) {
      expect(http >= 400 && http < 600).toBe(true);
      expect(grpc >= 1 && grpc <= 16).toBe(true);
    }
  });
});

describe('isErrorCode', () => {
  it('knows the codes of the table and nothing that objects inherit', () => {
    expect(isErrorCode('RUN_NOT_FOUND')).toBe(true);
    expect(['run_not_found', 'toString', '__proto__', ''].some(isErrorCode)).toBe(false);
  });
});
