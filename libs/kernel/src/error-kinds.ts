/** What sort of failure it is, as a caller sees it. Transport statuses follow from the kind alone. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'failed-precondition'
  | 'too-large'
  | 'unsupported'
  | 'exhausted'
  | 'cancelled'
  | 'timeout'
  | 'unavailable'
  | 'internal';

interface TransportStatus {
  readonly http: number;
  /** gRPC status code number (google.rpc.Code). */
  readonly grpc: number;
}

/** The one table from kind to HTTP status (RFC 9110) and gRPC status (google.rpc.Code). */
export const TRANSPORT_STATUS: Readonly<Record<ErrorKind, TransportStatus>> = {
  invalid: { http: 400, grpc: 3 },
  unauthenticated: { http: 401, grpc: 16 },
  forbidden: { http: 403, grpc: 7 },
  'not-found': { http: 404, grpc: 5 },
  conflict: { http: 409, grpc: 10 },
  'failed-precondition': { http: 409, grpc: 9 },
  'too-large': { http: 413, grpc: 3 },
  unsupported: { http: 415, grpc: 12 },
  exhausted: { http: 429, grpc: 8 },
  cancelled: { http: 409, grpc: 1 },
  timeout: { http: 504, grpc: 4 },
  unavailable: { http: 503, grpc: 14 },
  internal: { http: 500, grpc: 13 },
};
