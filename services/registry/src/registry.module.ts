import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { EventStore } from '@tutti/event-store';
import type { JsonObject, Runtime } from '@tutti/kernel';
import type { Projection, ProjectionHost, ReadModels } from '@tutti/read-models';
import { AGENT_SERVICE, EVENT_STORE, LOGGER, PROJECTIONS, READ_MODELS, RUNTIME, SERVICE_REGISTRY, type Logger } from '@tutti/service-kit';
import { AgentApi } from './agent/agent.api.js';
import { DeregisterAgentHandler, HoldAgentHandler, RegisterAgentHandler } from './agent/agent.commands.js';
import { agentsProjection } from './agent/agent.projection.js';
import { GetAgentHandler, ListAgentsHandler } from './agent/agent.queries.js';
import type { RegistryConfig } from './registry.config.js';
import { RegistryLifecycle } from './registry.lifecycle.js';
import { AGENTS_READ_SIDE, SERVICE_LEASES, SERVICE_STREAMS, SERVICES_READ_SIDE } from './registry.tokens.js';
import { ReadSide } from './request/read-side.js';
import { Leases } from './service/leases.js';
import { ServiceStreams } from './service/service-streams.js';
import { ServiceApi } from './service/service.api.js';
import { DeregisterServiceHandler, RegisterServiceHandler, RenewServiceHandler, UpdateServiceHandler } from './service/service.commands.js';
import { servicesProjection } from './service/service.projection.js';
import { GetServiceHandler, ListServicesHandler } from './service/service.queries.js';

const HANDLERS = [
  RegisterAgentHandler,
  DeregisterAgentHandler,
  HoldAgentHandler,
  GetAgentHandler,
  ListAgentsHandler,
  RegisterServiceHandler,
  RenewServiceHandler,
  UpdateServiceHandler,
  DeregisterServiceHandler,
  GetServiceHandler,
  ListServicesHandler,
];

/**
 * Who can do what, and who is alive. Takes the ports from the composition root; gives AGENT_SERVICE, SERVICE_REGISTRY and {@link
 * RegistryLifecycle}.
 */
@Module({})
export class RegistryModule {
  static register(config: RegistryConfig): DynamicModule {
    return {
      module: RegistryModule,
      imports: [CqrsModule],
      providers: [
        readSide(AGENTS_READ_SIDE, agentsProjection, config),
        readSide(SERVICES_READ_SIDE, servicesProjection, config),
        ...leases(config),
        ...HANDLERS,
        { provide: AGENT_SERVICE, useClass: AgentApi },
        { provide: SERVICE_REGISTRY, useClass: ServiceApi },
        RegistryLifecycle,
      ],
      exports: [AGENT_SERVICE, SERVICE_REGISTRY, RegistryLifecycle],
    };
  }
}

function readSide<Doc extends JsonObject>(token: symbol, projection: Projection<Doc>, { queryWaitMs }: RegistryConfig): Provider {
  return {
    provide: token,
    inject: [PROJECTIONS, READ_MODELS],
    useFactory: (projections: ProjectionHost, readModels: ReadModels) => new ReadSide({ projection, projections, readModels }, queryWaitMs),
  };
}

/** The two need each other: a lease that runs out is recorded, and what is recorded grants leases. */
function leases({ expiryRetryMs }: RegistryConfig): Provider[] {
  return [
    {
      provide: SERVICE_STREAMS,
      inject: [EVENT_STORE, RUNTIME, LOGGER],
      useFactory: (store: EventStore, runtime: Runtime, logger: Logger) => {
        const expired = (id: string): Promise<void> => streams.expire(id);
        const streams = new ServiceStreams(store, runtime.ids, new Leases({ runtime, logger, onExpired: expired, retryMs: expiryRetryMs }));
        return streams;
      },
    },
    { provide: SERVICE_LEASES, inject: [SERVICE_STREAMS], useFactory: (streams: ServiceStreams) => streams.leases },
  ];
}
