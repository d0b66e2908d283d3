import type { Metadata, Server } from '@grpc/grpc-js';
import { TuttiError, type Runtime } from '@tutti/kernel';
import { HealthImplementation } from 'grpc-health-check';
import type { Logger } from '../logger.js';
import type { Tracer } from '../tracing/tracer.js';
import { checkCaller, type CallerTokens } from './caller-tokens.js';
import { createGrpcServer, listenGrpc, serveGrpc } from './serve-grpc.js';
import type { ServiceOf, UnaryDefinition } from './unary-service.js';

interface InternalServerOptions {
  readonly tokens: Pick<CallerTokens, 'verify'>;
  readonly runtime: Pick<Runtime, 'timers'>;
  readonly logger: Logger;
  readonly tracer?: Tracer;
  /** A loopback address unless the network is one that only the processes share: nothing is encrypted. */
  readonly host?: string;
  /** Whether the host may be any. Default false. */
  readonly beyondLoopback?: boolean;
  /** Default 0: any free one. */
  readonly port?: number;
}

const FLUSH_MS = 250;

/** Services for other processes of the same data folder. What comes before {@link open} or after {@link shut} is refused before it is looked at. */
export class InternalServer {
  readonly server: Server = createGrpcServer();
  private readonly health = new HealthImplementation({ '': 'NOT_SERVING' });
  private reason = 'the service is starting';
  private isOpen = false;
  private inFlight = 0;
  private readonly whenIdle: (() => void)[] = [];

  constructor(private readonly options: InternalServerOptions) {
    this.health.addToServer(this.server);
  }

  add<Definition extends UnaryDefinition>(definition: Definition, implementation: ServiceOf<Definition>): void {
    const { logger, tracer } = this.options;
    const traced = tracer === undefined ? {} : { tracer };
    serveGrpc(this.server, definition, implementation, { logger, ...traced, around: (metadata, call) => this.admit(metadata, call) });
  }

  /** @returns `host:port` @throws TuttiError INVALID_CONFIG for an address that cannot be had */
  async listen(): Promise<string> {
    const { host = '127.0.0.1', port = 0, beyondLoopback } = this.options;
    return `${host.includes(':') ? `[${host}]` : host}:${await listenGrpc(this.server, host, port, beyondLoopback)}`;
  }

  open(): void {
    this.isOpen = true;
    this.setReady(true);
  }

  /** What whoever watches is told. Calls are taken either way: they wait for what is away, or say so. */
  setReady(ready: boolean): void {
    this.health.setStatus('', ready && this.isOpen ? 'SERVING' : 'NOT_SERVING');
  }

  /** Takes nothing more; resolves when what is in hand has been answered. */
  async shut(reason = 'the service is stopping'): Promise<void> {
    this.isOpen = false;
    this.setReady(false);
    this.reason = reason;
    if (this.inFlight > 0) await new Promise<void>((resolve) => this.whenIdle.push(resolve));
  }

  /** Cuts what is still open, after a moment for answers on their way. */
  async close(): Promise<void> {
    const { promise: limit, resolve } = Promise.withResolvers<void>();
    const cancel = this.options.runtime.timers.after(FLUSH_MS, resolve);
    await Promise.race([new Promise<void>((done) => this.server.tryShutdown(() => done())), limit]);
    cancel();
    this.server.forceShutdown();
  }

  private async admit<Response>(metadata: Metadata, call: () => Promise<Response>): Promise<Response> {
    await checkCaller(metadata, this.options.tokens);
    // Whoever called may send it again, whatever it was.
    if (!this.isOpen) throw new TuttiError('SHUTTING_DOWN', this.reason, { details: { begun: false } });
    this.inFlight += 1;
    try {
      return await call();
    } finally {
      this.inFlight -= 1;
      if (this.inFlight === 0) for (const resolve of this.whenIdle.splice(0)) resolve();
    }
  }
}
