import { Module, type DynamicModule } from '@nestjs/common';
import { AgentServiceService, type TaskChannel } from '@tutti/contracts';
import { AGENT_SERVICE, TASK_CHANNEL, type RemoteProcess } from '@tutti/service-kit';
import { provideGlobally, type ProcessParts } from '@tutti/service-process';
import type { AgentWorkersConfig } from '../agent-workers.config.js';
import type { AgentWorkersHost } from '../agent-workers.lifecycle.js';
import { AgentWorkersModule } from '../agent-workers.module.js';

/** What the process has of others: the ports, the owners of runs and the registry. Each comes and goes with them. */
interface Connections {
  readonly parts: ProcessParts;
  readonly channel: TaskChannel;
  readonly registry: RemoteProcess;
}

/** A worker in a process of its own. */
@Module({})
export class WorkerProcessModule {
  static register({ parts, channel, registry }: Connections, config: AgentWorkersConfig, host: AgentWorkersHost): DynamicModule {
    const provided = provideGlobally([...parts.provided, [TASK_CHANNEL, channel], [AGENT_SERVICE, registry.service(AgentServiceService)]]);
    return { module: WorkerProcessModule, imports: [provided, AgentWorkersModule.register({ config, host })] };
  }
}
