import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hashJson, type JsonValue } from '@tutti/kernel';
import { WebSocketServer, type WebSocket } from 'ws';
import type { FeedEvent } from '@tutti/rest-contract';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

interface FakeRun {
  readonly events: FeedEvent[];
  readonly view: Record<string, unknown>;
}

export interface FakeServer {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** `after` of every subscription so far. */
  readonly subscriptions: readonly unknown[];
  addRun(id: string, view: Record<string, unknown>, events?: readonly FeedEvent[]): void;
  /** Records events and sends them to those who follow. */
  append(runId: string, ...events: readonly FeedEvent[]): void;
  addApproval(id: string, approval: Record<string, unknown> & { readonly payload: JsonValue }): void;
  /** Answers a path with this from now on. */
  on(method: string, path: string, answer: (request: SeenRequest) => { readonly status?: number; readonly json: unknown }): void;
  /** Breaks every feed off, as a restart would. */
  dropFeeds(): void;
  close(): Promise<void>;
}

const TOKEN = 'secret-token';
/** Small, so that every test pages. */
const EVENTS_PER_PAGE = 2;

/** Speaks the part of the server's protocol that the program uses, over real sockets. Takes the token `secret-token`. */
export async function startFakeServer(): Promise<FakeServer> {
  const runs = new Map<string, FakeRun>();
  const approvals = new Map<string, Record<string, unknown>>();
  const routes = new Map<string, (request: SeenRequest) => { readonly status?: number; readonly json: unknown }>();
  const requests: SeenRequest[] = [];
  const subscriptions: unknown[] = [];
  const followers = new Set<{ readonly socket: WebSocket; readonly runId: string | undefined }>();
  const feeds = new WebSocketServer({ noServer: true, handleProtocols: () => 'tutti.v1' });
  const all = (): readonly FeedEvent[] =>
    [...runs.values()].flatMap(({ events }) => events).sort((left, right) => left.position - right.position);

  const answer = (request: SeenRequest, url: URL): { readonly status?: number; readonly json: unknown } => {
    const own = routes.get(`${request.method} ${url.pathname}`);
    if (own !== undefined) return own(request);
    const [, , collection, id = '', part] = url.pathname.split('/').map(decodeURIComponent);
    if (url.pathname === '/v1/runs' && request.method === 'GET') return { json: { runs: [...runs.values()].map(({ view }) => view) } };
    if (collection === 'runs') {
      const run = runs.get(id);
      if (run === undefined) return problem(404, 'RUN_NOT_FOUND', `there is no run ${id}`);
      if (part === 'events') {
        const from = Number(url.searchParams.get('from'));
        const events = run.events.slice(from, from + EVENTS_PER_PAGE);
        return { json: { events, nextRevision: from + EVENTS_PER_PAGE < run.events.length ? from + EVENTS_PER_PAGE : null } };
      }
      return { json: { run: viewNow(run) } };
    }
    if (url.pathname === '/v1/approvals') {
      const runId = url.searchParams.get('runId');
      return { json: { approvals: [...approvals.values()].filter((one) => runId === null || one['runId'] === runId) } };
    }
    if (collection === 'approvals') {
      const approval = approvals.get(id);
      if (approval === undefined) return problem(404, 'APPROVAL_NOT_FOUND', `there is no approval ${id}`);
      return part === undefined ? { json: { approval } } : { json: { runId: approval['runId'], position: 99 } };
    }
    return problem(404, 'ROUTE_NOT_FOUND', `nothing is at ${url.pathname}`);
  };

  const server = createServer((incoming, response) => void serve(incoming, response));
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    for await (const part of incoming) body += String(part);
    const url = new URL(incoming.url ?? '/', 'http://fake');
    const request = { method: incoming.method ?? 'GET', path: incoming.url ?? '/', headers: incoming.headers, body };
    requests.push(request);
    const open = url.pathname === '/version' || url.pathname.startsWith('/health');
    const given = open || incoming.headers.authorization === `Bearer ${TOKEN}`;
    const { status = 200, json } =
      url.pathname === '/version'
        ? { json: { name: 'tutti', version: '9.9.9', node: '24.0.0' } }
        : given
          ? answer(request, url)
          : problem(401, 'UNAUTHENTICATED', 'the token is missing or not known');
    response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' });
    response.end(JSON.stringify(json));
  };
  server.on('upgrade', (incoming, socket, head) => {
    if (incoming.headers.authorization !== `Bearer ${TOKEN}`) {
      const body = JSON.stringify(problem(401, 'UNAUTHENTICATED', 'the token is missing or not known').json);
      socket.end(`HTTP/1.1 401 Unauthorized\r\ncontent-type: application/problem+json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      return;
    }
    feeds.handleUpgrade(incoming, socket, head, (feed) => {
      feed.on('message', (data: Buffer) => {
        const message = JSON.parse(data.toString('utf8')) as {
          readonly type: string;
          readonly id: string;
          readonly after: number | 'head';
          readonly runId?: string;
        };
        if (message.type === 'ping') feed.send(JSON.stringify({ type: 'pong' }));
        if (message.type !== 'subscribe') return;
        subscriptions.push(message.after);
        const wanted = all().filter(({ stream }) => message.runId === undefined || stream === `run-${message.runId}`);
        for (const event of wanted)
          if (message.after !== 'head' && event.position > message.after)
            feed.send(JSON.stringify({ type: 'event', id: message.id, event }));
        feed.send(JSON.stringify({ type: 'caught-up', id: message.id, position: all().at(-1)?.position ?? 0 }));
        followers.add({ socket: feed, runId: message.runId });
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    subscriptions,
    addRun: (id, view, events = []) => void runs.set(id, { view: { id, ...view }, events: [...events] }),
    append(runId, ...events) {
      runs.get(runId)?.events.push(...events);
      for (const follower of followers) {
        for (const event of events)
          if (follower.runId === undefined || follower.runId === runId)
            follower.socket.send(JSON.stringify({ type: 'event', id: 'cli', event }));
      }
    },
    addApproval: (id, approval) => void approvals.set(id, { id, payloadHash: hashJson(approval.payload), status: 'pending', ...approval }),
    on: (method, path, handler) => void routes.set(`${method} ${path}`, handler),
    dropFeeds() {
      followers.clear();
      for (const feed of feeds.clients) feed.terminate();
    },
    async close() {
      for (const feed of feeds.clients) feed.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const ENDS: Readonly<Record<string, string>> = { RunSucceeded: 'succeeded', RunFailed: 'failed', RunCancelled: 'cancelled' };

/** The view as it was given, as far as the run's events have come. */
function viewNow({ view, events }: FakeRun): Record<string, unknown> {
  const last = events.at(-1);
  if (last === undefined) return view;
  const status = events.map(({ type }) => ENDS[type]).find((end) => end !== undefined) ?? 'running';
  return { ...view, position: last.position, status };
}

export function problem(
  status: number,
  code: string,
  detail: string,
  details?: unknown,
): { readonly status: number; readonly json: object } {
  return {
    status,
    json: {
      type: `https://tutti.dev/errors/${code}`,
      title: code,
      status,
      detail,
      code,
      retryable: false,
      ...(details === undefined ? {} : { details }),
    },
  };
}
