import { createHttpClient as createClient, fixedEndpoint, type Endpoint, type HttpClient } from '@tutti/client/http';
import type { Runtime } from '@tutti/kernel';
import { toFailure } from '../failure/failure.js';

interface HttpClientDeps {
  readonly fetch: typeof fetch;
  readonly runtime: Pick<Runtime, 'timers' | 'random' | 'clock'>;
}

/** The client's own requests, whose errors are failures of the program. */
export function createHttpClient(endpoint: Endpoint, deps: HttpClientDeps): HttpClient {
  const http = createClient(fixedEndpoint(endpoint), deps);
  return {
    send: (request) =>
      http.send(request).catch((error: unknown) => {
        throw toFailure(error);
      }),
  };
}
