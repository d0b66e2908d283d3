import { Global, Module, type DynamicModule } from '@nestjs/common';
import { INLINE_LIMIT_BYTES } from '@tutti/blobs';
import type { Runtime } from '@tutti/kernel';
import {
  AGENT_SERVICE,
  createValueStore,
  EVENT_BUS,
  EVENT_STORE,
  LOGGER,
  readOwnerInfo,
  RUNTIME,
  TASK_CHANNEL,
  VALUE_STORE,
  type Logger,
} from '@tutti/service-kit';
import { connectStoreHost, storeSocketPath } from '@tutti/store-host';
import type { AgentWorkersConfig } from '../agent-workers.config.js';
import type { AgentWorkersHost } from '../agent-workers.lifecycle.js';
import { AgentWorkersModule } from '../agent-workers.module.js';
import { GrpcTaskChannel } from '../channel/grpc-task-channel.js';
import { OwnerRegistry } from '../channel/owner-registry.js';

interface ConnectOptions {
  readonly dataDir: string;
  readonly runtime: Runtime;
  readonly logger: Logger;
}

/** What the process has of others: the ports by the store host, the owner of runs and the registry by gRPC. Each comes and goes with them. */
export type Connections = ReturnType<typeof connect>;

export function connect({ dataDir, runtime, logger }: ConnectOptions) {
  const endpoint = () => readOwnerInfo(dataDir);
  const storeHost = connectStoreHost({ socketPath: storeSocketPath(dataDir), runtime, logger });
  const channel = new GrpcTaskChannel({ endpoint, runtime, logger });
  const registry = new OwnerRegistry({ endpoint, clock: runtime.clock });
  return {
    ...{ storeHost, channel, runtime, logger },
    agentService: registry.agentService,
    values: createValueStore({ blobs: storeHost.blobs, inlineLimitBytes: INLINE_LIMIT_BYTES }),
    /** First, what waits for others; it ends with SHUTTING_DOWN. */
    async close(): Promise<void> {
      channel.close();
      registry.close();
      await storeHost.close();
    },
  };
}

/** A worker in a process of its own. */
@Module({})
export class WorkerProcessModule {
  static register(connections: Connections, config: AgentWorkersConfig, host: AgentWorkersHost): DynamicModule {
    const workers = AgentWorkersModule.register({ config, host });
    return { module: WorkerProcessModule, imports: [ConnectionsModule.register(connections), workers] };
  }
}

@Global()
@Module({})
class ConnectionsModule {
  static register({ storeHost, channel, agentService, values, runtime, logger }: Connections): DynamicModule {
    const provided: readonly (readonly [symbol, unknown])[] = [
      [RUNTIME, runtime],
      [LOGGER, logger],
      [EVENT_STORE, storeHost.eventStore],
      [EVENT_BUS, storeHost.eventBus],
      [VALUE_STORE, values],
      [TASK_CHANNEL, channel],
      [AGENT_SERVICE, agentService],
    ];
    return {
      module: ConnectionsModule,
      providers: provided.map(([provide, useValue]) => ({ provide, useValue })),
      exports: provided.map(([token]) => token),
    };
  }
}
