import type { Runtime } from '@tutti/kernel';
import type { EndpointSource } from '../locating/endpoint.js';
import type { OpenSocket } from '../system/client-system.port.js';
import type { FeedConnection, Operations, Transport } from '../transport.port.js';
import { openFeedConnection } from './feed-connection.js';
import { createHttpClient, type HttpRequest } from './http-client.js';

interface HttpTransportDeps {
  readonly fetch: typeof fetch;
  readonly openSocket: OpenSocket;
  readonly runtime: Pick<Runtime, 'timers' | 'random' | 'clock'>;
}

type Requests = { readonly [Name in keyof Operations]: (request: Operations[Name]) => HttpRequest };

/** REST and the WebSocket feed. */
export function createHttpTransport(endpoints: EndpointSource, deps: HttpTransportDeps, requestLimitMs: number): Transport {
  const once = { tries: 1, limitMs: requestLimitMs, firstWaitMs: 0, longestWaitMs: 0 };
  const http = createHttpClient(endpoints, deps, { requestLimitMs, retry: once });
  return {
    async call(name, request, signal) {
      const { json } = await http.send({ ...REQUESTS[name](request), ...(signal === undefined ? {} : { signal }) });
      return json;
    },
    async follow(request): Promise<FeedConnection> {
      const connection = openFeedConnection(await endpoints.current(), deps, request);
      return { ...connection, [Symbol.asyncIterator]: () => noticing(connection, endpoints) };
    },
    close: () => {},
  };
}

/** A feed that ends without being told to may have lost its server. */
async function* noticing(connection: FeedConnection, endpoints: EndpointSource) {
  try {
    yield* connection;
  } catch (error) {
    endpoints.lost();
    throw error;
  }
}

const REQUESTS: Requests = {
  registerWorkflow: ({ source }) => post('/v1/workflows', source, 'application/yaml'),
  validateWorkflow: ({ source }) => post('/v1/workflows/validate', source, 'application/yaml'),
  getWorkflow: ({ name, version }) => ({ path: `/v1/workflows/${part(name)}`, query: { version } }),
  listWorkflows: (page) => ({ path: '/v1/workflows', query: { ...page } }),
  startRun: ({ idempotencyKey, ...body }) => keyed(idempotencyKey, postJson('/v1/runs', body)),
  getRun: ({ runId, minPosition }) => ({ path: run(runId), query: { minPosition } }),
  listRuns: ({ labels = {}, ...query }) => ({
    path: '/v1/runs',
    query: { ...query, label: Object.entries(labels).map(([name, value]) => `${name}=${value}`) },
  }),
  cancelRun: ({ runId, ...body }) => postJson(`${run(runId)}/cancel`, body),
  pauseRun: ({ runId, reason }) => postJson(`${run(runId)}/pause`, { reason }),
  resumeRun: ({ runId, reason }) => postJson(`${run(runId)}/resume`, { reason }),
  retryRun: ({ runId, repairId, ...body }) => keyed(repairId, postJson(`${run(runId)}/retry`, body)),
  resetRun: ({ runId, repairId, ...body }) => keyed(repairId, postJson(`${run(runId)}/reset`, body)),
  skipStep: ({ runId, repairId, step, ...body }) => keyed(repairId, postJson(`${run(runId)}/steps/${part(step)}/skip`, body)),
  setVariables: ({ runId, ...body }) => ({ ...postJson(`${run(runId)}/variables`, body), method: 'PATCH' }),
  signalRun: ({ runId, name, ...body }) => postJson(`${run(runId)}/signals/${part(name)}`, body),
  queryRun: ({ runId, name }) => postJson(`${run(runId)}/queries/${part(name)}`, {}),
  listApprovals: (query) => ({ path: '/v1/approvals', query: { ...query } }),
  getApproval: ({ approvalId }) => ({ path: `/v1/approvals/${part(approvalId)}` }),
  decideApproval: ({ approvalId, approve, ...body }) =>
    postJson(`/v1/approvals/${part(approvalId)}/${approve ? 'approve' : 'reject'}`, body),
  delegateApproval: ({ approvalId, ...body }) => postJson(`/v1/approvals/${part(approvalId)}/delegate`, body),
};

function run(runId: string): string {
  return `/v1/runs/${part(runId)}`;
}

function part(text: string): string {
  return encodeURIComponent(text);
}

function keyed(key: string, request: HttpRequest): HttpRequest {
  return { ...request, headers: { 'idempotency-key': key } };
}

function postJson(path: string, body: object): HttpRequest {
  return post(path, JSON.stringify(body), 'application/json');
}

function post(path: string, text: string, contentType: string): HttpRequest {
  return { method: 'POST', path, body: { contentType, text } };
}
