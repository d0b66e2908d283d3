import type { AddressInfo } from 'node:net';
import type { DynamicModule } from '@nestjs/common';
import type { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Runtime } from '@tutti/kernel';
import type { EventStore } from '@tutti/event-store';
import type { ProjectionHost, ReadModels } from '@tutti/read-models';
import { EVENT_STORE, NO_TRACER, PROJECTIONS, READ_MODELS, type Logger, type ServiceTokens, type Tracer } from '@tutti/service-kit';
import { Access } from './access/access.js';
import { checkReachable } from './access/reachable.js';
import { systemSecrets } from './access/system-secrets.js';
import { createGatewayAdapter } from './door/gateway-adapter.js';
import { Door } from './door/door.js';
import { KnownRoutes } from './door/known-routes.js';
import { listening } from './door/listening.js';
import { EventStreams } from './events/event-streams.js';
import { FeedServer } from './feed/feed-server.js';
import { GrpcServer } from './grpc/grpc-server.js';
import type { GatewayConfig } from './gateway.config.js';
import { GatewayModule } from './gateway.module.js';
import { HealthState } from './health/health-state.js';
import { DoorLimits } from './limits/door-limits.js';
import type { LoadGauges } from './limits/load-monitor.js';
import { measureLoopDelay } from './limits/system/event-loop-delay.js';
import { installExplorer } from './openapi/explorer.js';
import { readPageFiles } from './page/page-files.js';
import { installPage } from './page/page-routes.js';
import { installEtags } from './rest/etags.js';

interface GatewayOptions {
  readonly config: GatewayConfig;
  /** What callers must carry; from `ensureToken`. */
  readonly token: string;
  /** Of Tutti, for `/version`. */
  readonly version: string;
  /** Folder of the built page; without it, or when nothing was built there, none is served. */
  readonly pageDirectory?: string;
  /** By which agents of this data folder are known. */
  readonly serviceTokens?: Pick<ServiceTokens, 'verify'>;
  /** What load shedding looks at besides this thread's event loop. */
  readonly gauges?: Partial<LoadGauges>;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly tracer?: Tracer;
}

export interface Gateway {
  /** To import into the application's root module. */
  readonly module: DynamicModule;
  /** To create the application with. */
  readonly adapter: FastifyAdapter;
  /**
   * Listens, and answers health checks; everything else is refused with SHUTTING_DOWN until `markReady`.
   *
   * @returns the URL it is reached at from this machine
   * @throws TuttiError INVALID_CONFIG where the address cannot be had
   */
  start(app: NestFastifyApplication): Promise<string>;
  /** Whether there is a page at its URL. */
  readonly hasPage: boolean;
  /** Where gRPC is reached from this machine, like `grpc://127.0.0.1:50051`; empty before it was started. */
  grpcUrl(): string;
  /** Resolves when it is known who may come in; `markReady` has no effect before. */
  readonly caughtUp: Promise<void>;
  markReady(): void;
  /** Until `markReady` the readiness check says what is away; calls are let in once it has been ready. */
  markDegraded(reason: string): void;
  /** The first step of stopping: the readiness check fails and changes are refused. */
  markUnready(reason: string): void;
  /** Ends the feeds, lets requests in flight end within the limit, and stops listening. Repeats answer the first call. */
  stop(): Promise<void>;
}

export function createGateway(options: GatewayOptions): Gateway {
  const { config, token, version, pageDirectory, serviceTokens, gauges, runtime, logger, tracer = NO_TRACER } = options;
  const health = new HealthState();
  const routes = new KnownRoutes();
  const door = new Door(config);
  const access = new Access({
    ...{ config: config.auth, token, secrets: systemSecrets, runtime, logger: logger.child({ part: 'access' }) },
    ...(serviceTokens === undefined ? {} : { serviceTokens }),
  });
  const loop = measureLoopDelay();
  const limits = new DoorLimits({
    ...{ config, runtime, logger: logger.child({ part: 'door' }) },
    gauges: { loopDelayMs: () => loop.read(), storeQueue: () => 0, ...gauges },
  });
  const credentialWatch = access.watch;
  const authenticator = limits.guard(access.authenticator);
  const adapter = createGatewayAdapter({ config, door, authenticator, health, limits, routes, runtime, tracer });
  installEtags(adapter.getInstance());
  installExplorer(adapter.getInstance());
  const hasPage =
    pageDirectory !== undefined && installPage(adapter.getInstance(), readPageFiles(pageDirectory), () => systemSecrets.secret());
  let feed: FeedServer | null = null;
  let streams: EventStreams | null = null;
  let grpc: GrpcServer | null = null;
  let grpcUrl = '';
  let stopping: Promise<void> | null = null;
  let isKnown = false;
  let isAsked = false;

  const stop = async (): Promise<void> => {
    health.markUnready('the service is stopping');
    const server = adapter.getInstance().server;
    const cancel = runtime.timers.after(config.drainTimeoutMs, () => server.closeAllConnections());
    try {
      await Promise.all([feed?.close(), streams?.close(), grpc?.close(), adapter.close()]);
    } finally {
      cancel();
      limits.shedder.stop();
      loop.stop();
      await access.close();
    }
  };
  const markReady = (): void => {
    isAsked = true;
    if (isKnown) health.markReady();
  };
  void access.caughtUp.then(() => {
    isKnown = true;
    if (isAsked) health.markReady();
  });

  return {
    module: GatewayModule.register({ config, version, door, access, authenticator, credentialWatch, routes, health, limits, tracer }),
    adapter,
    async start(app) {
      access.start(app.get<EventStore>(EVENT_STORE), app.get<ProjectionHost>(PROJECTIONS), app.get<ReadModels>(READ_MODELS));
      await checkReachable(config, access);
      const server = app.get(FeedServer);
      server.attach(app.getHttpServer());
      feed = server;
      streams = app.get(EventStreams);
      limits.shedder.start();
      await listening(app.listen(config.port, config.host), config);
      const contracts = app.get(GrpcServer);
      grpc = contracts;
      grpcUrl = await contracts.start();
      return urlOf(config.host, app.getHttpServer().address() as AddressInfo);
    },
    hasPage,
    grpcUrl: () => grpcUrl,
    caughtUp: access.caughtUp,
    markReady,
    markDegraded(reason) {
      isAsked = false;
      health.markDegraded(reason);
    },
    markUnready(reason) {
      isAsked = false;
      health.markUnready(reason);
    },
    stop: () => (stopping ??= stop()),
  };
}

function urlOf(host: string, { port }: AddressInfo): string {
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`;
  if (host === '::') return `http://[::1]:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
