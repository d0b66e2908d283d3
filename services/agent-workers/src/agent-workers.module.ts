import { Module, type DynamicModule } from '@nestjs/common';
import type { AgentService, TaskChannel } from '@tutti/contracts';
import type { EventBus } from '@tutti/event-bus';
import type { EventStore } from '@tutti/event-store';
import type { Runtime } from '@tutti/kernel';
import {
  AGENT_SERVICE,
  EVENT_BUS,
  EVENT_STORE,
  LOGGER,
  RUNTIME,
  TASK_CHANNEL,
  TRACER,
  VALUE_STORE,
  type Logger,
  type Tracer,
  type ValueStore,
} from '@tutti/service-kit';
import type { AgentWorkersConfig } from './agent-workers.config.js';
import { AgentWorkersLifecycle, type AgentWorkersHost } from './agent-workers.lifecycle.js';

export interface AgentWorkersOptions {
  readonly config: AgentWorkersConfig;
  readonly host: AgentWorkersHost;
  /** Modules that give AGENT_SERVICE and TASK_CHANNEL, unless a global one does. */
  readonly imports?: NonNullable<DynamicModule['imports']>;
}

/** Hosts agents. Takes the ports and contracts from the composition root; gives {@link AgentWorkersLifecycle}. */
@Module({})
export class AgentWorkersModule {
  static register({ config, host, imports = [] }: AgentWorkersOptions): DynamicModule {
    return {
      module: AgentWorkersModule,
      imports,
      providers: [
        {
          provide: AgentWorkersLifecycle,
          inject: [RUNTIME, LOGGER, EVENT_STORE, EVENT_BUS, VALUE_STORE, TASK_CHANNEL, AGENT_SERVICE, { token: TRACER, optional: true }],
          useFactory: (
            runtime: Runtime,
            logger: Logger,
            store: EventStore,
            bus: EventBus,
            values: ValueStore,
            channel: TaskChannel,
            agentService: AgentService,
            tracer?: Tracer,
          ) =>
            new AgentWorkersLifecycle(config, host, {
              ...{ runtime, logger, store, bus, values, channel, agentService },
              ...(tracer === undefined ? {} : { tracer }),
            }),
        },
      ],
      exports: [AgentWorkersLifecycle],
    };
  }
}
