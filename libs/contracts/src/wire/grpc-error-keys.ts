/** Trailing metadata in which a TuttiError goes along with a gRPC status. */
export const GRPC_ERROR_KEYS = {
  code: 'tutti-code',
  /** `true` or `false`. */
  retryable: 'tutti-retryable',
  /** JSON, as bytes. */
  details: 'tutti-details-bin',
} as const;
