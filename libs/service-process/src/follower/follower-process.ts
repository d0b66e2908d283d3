import { Controller, Get, Inject, Module, Res, type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger, Phase } from '@tutti/service-kit';
import type { FastifyReply } from 'fastify';
import type { SharedConfig } from '../process-config.js';
import { openProcessParts } from '../open-process-parts.js';
import { untilConnected, type Connections } from '../process-parts.js';
import { RecordedEventsServer } from './recorded-events-server.js';
import type { ProcessPlace, ServedProcess } from '../run-process.js';
import { ServiceLife } from '../service-life.js';

/** What a follower makes of the events of runs. */
export interface Follower {
  /** Their methods get events by `@OnRunEvent`, and are asked by HTTP as their routes say. */
  readonly controllers: readonly Type[];
  readonly providers: readonly Provider[];
}

/** How far a follower is. */
export interface FollowerProgress {
  /** Everything in the log up to here was handled, or is handled by nobody. */
  readonly position: number;
  /** Events that were not handled: a handler threw, or this version cannot read them. Each is in the log of the process. */
  readonly failures: number;
}

interface FollowerProcessOptions {
  /** Like `metrics`. */
  readonly name: string;
  readonly config: SharedConfig;
  readonly place: ProcessPlace;
  /** Where it shows what it makes. */
  readonly http: { readonly host: string; readonly port: number };
  /** Positions before the head of the log at its start that it looks at first. */
  readonly lookBack: number;
  readonly create: (logger: Logger, progress: FollowerProgress) => Follower;
}

const FIRST_POSITION_LIMIT_MS = 600_000;
const CONNECTIONS = Symbol('Connections');
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1']);

/**
 * A process that follows the events of runs and shows by HTTP what it makes of them: an application of Nest with two doors, of which one is the log. Any number of
 * them may run: each follows everything.
 */
export async function createFollowerProcess(options: FollowerProcessOptions): Promise<ServedProcess> {
  const { name, config, http, lookBack } = options;
  const { cwd, pid } = options.place;
  const parts = await openProcessParts({ name, config, cwd, pid, mayHost: false });
  const { runtime, logger, connections, ports } = parts;
  const log = new RecordedEventsServer({ store: ports.eventStore, runtime, log: logger, lookBack });
  const follower = options.create(logger, log);
  let url = '';
  const life = new ServiceLife({
    ...{ runtime, logger },
    wait: () => untilConnected(parts),
    phases: async (): Promise<readonly Phase[]> => {
      const root = FollowerModule.register(follower, connections);
      const app = await NestFactory.create<NestFastifyApplication>(root, new FastifyAdapter(), { logger: false, abortOnError: false });
      app.connectMicroservice<MicroserviceOptions>({ strategy: log });
      if (LOOPBACK.has(http.host)) refuseForeignHosts(app);
      return [
        {
          name: 'events',
          startLimitMs: FIRST_POSITION_LIMIT_MS,
          start: async () => {
            await app.init();
            await app.startAllMicroservices();
          },
          stop: () => log.close(),
        },
        {
          name: 'http',
          start: async () => {
            await app.listen(http.port, http.host);
            url = await app.getUrl();
            parts.health.set('serving');
            logger.info('ready', { url });
          },
          stop: async () => {
            parts.health.set('stopping');
            await app.close();
          },
        },
      ];
    },
    close: () => parts.close(),
  });
  return {
    start: async () => {
      await life.start();
      return [`ready ${url}`];
    },
    stop: () => life.stop(),
  };
}

/** A page that has its own name point here would read what only this machine may. */
function refuseForeignHosts(app: NestFastifyApplication): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', async ({ hostname }, reply) => {
      if (!LOOPBACK.has(hostname.replace(/^\[(.*)\]$/, '$1')))
        await reply.status(421).send({ status: 'misdirected', reasons: [`host ${hostname}`] });
    });
}

@Controller('health')
class FollowerHealthController {
  constructor(@Inject(CONNECTIONS) private readonly connections: Pick<Connections, 'away'>) {}

  @Get('live')
  live(): { readonly status: string } {
    return { status: 'ok' };
  }

  /** 503 with reasons while something that it leans on is away: what it shows stands still then. */
  @Get('ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const reasons = this.connections.away.map((name) => `${name} is away`);
    await reply.status(reasons.length === 0 ? 200 : 503).send({ status: reasons.length === 0 ? 'ready' : 'unready', reasons });
  }
}

@Module({})
class FollowerModule {
  static register({ controllers, providers }: Follower, connections: Connections): DynamicModule {
    return {
      module: FollowerModule,
      controllers: [FollowerHealthController, ...controllers],
      providers: [...providers, { provide: CONNECTIONS, useValue: connections }],
    };
  }
}
