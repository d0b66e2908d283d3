import { createServer, type Server, type ServerResponse } from 'node:http';
import { TuttiError } from '@tutti/kernel';
import type { Connections, ProcessHealth, ServingStatus } from './process-parts.js';

export interface HealthPlace {
  readonly host: string;
  /** 0: not served. */
  readonly port: number;
}

/**
 * Whether a process is alive and ready, by HTTP, for whoever looks after it: `/health/live` as long as it runs, `/health/ready` while it serves and what its ports
 * stand on is there, else 503 with the reasons. Tells nothing that needs to be kept from anybody.
 */
export class HealthServer implements ProcessHealth {
  private status: ServingStatus = 'starting';
  private readonly troubles: (() => string | null)[] = [];
  private server: Server | null = null;

  constructor(private readonly connections: Pick<Connections, 'away'>) {}

  set(status: ServingStatus): void {
    this.status = status;
  }

  watch(trouble: () => string | null): void {
    this.troubles.push(trouble);
  }

  /** Ready when empty. */
  reasons(): readonly string[] {
    const away = this.connections.away.map((name) => `${name} is away`);
    return this.status === 'serving' ? away : [`the process is ${this.status}`, ...away];
  }

  /** @throws TuttiError INVALID_CONFIG for an address that cannot be had */
  async listen({ host, port }: HealthPlace): Promise<void> {
    if (port === 0) return;
    const server = createServer((request, response) => this.answer(request.url ?? '/', response));
    // One request is small and quick; who takes longer is cut off.
    Object.assign(server, { requestTimeout: 5_000, headersTimeout: 5_000, keepAliveTimeout: 1_000, maxConnections: 100 });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(new TuttiError('INVALID_CONFIG', `health.port: ${error.message}`, { cause: error })));
      server.listen(port, host, resolve);
    });
    this.server = server;
  }

  async close(): Promise<void> {
    const { server } = this;
    if (server === null) return;
    this.server = null;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  private answer(url: string, response: ServerResponse): void {
    const { pathname } = new URL(url, 'http://health');
    if (pathname === '/health/live') return send(response, 200, { status: 'alive' });
    if (pathname !== '/health/ready') return send(response, 404, { status: 'not found' });
    const reasons = this.reasons();
    const troubles = this.troubles.map((trouble) => trouble()).filter((trouble) => trouble !== null);
    if (reasons.length > 0) return send(response, 503, { status: 'unready', reasons: [...reasons, ...troubles] });
    send(response, 200, { status: troubles.length === 0 ? 'ready' : 'degraded', reasons: troubles });
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(body));
}
