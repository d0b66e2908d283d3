/** Where a server is called, and as whom. */
export interface Endpoint {
  /** `http://127.0.0.1:4700` or `grpc://127.0.0.1:50051`, without a slash at its end. */
  readonly url: string;
  readonly token: string | null;
  /** Who acts, like `user:ann`; null where the token itself says so. */
  readonly actor: string | null;
}

/** The endpoint to call now. A system that was started again may be somewhere else. */
export interface EndpointSource {
  /** @throws TuttiClientError NOT_RUNNING */
  current(): Promise<Endpoint>;
  /** Nobody answered there: the next call looks again. */
  lost(): void;
}

export function fixedEndpoint(endpoint: Endpoint): EndpointSource {
  return { current: () => Promise.resolve(endpoint), lost: () => {} };
}
