import { AgentServiceService, type AgentService, type TaskChannel } from '@tutti/contracts';
import { serveTaskChannel } from '@tutti/coordinator';
import { TuttiError, type Runtime } from '@tutti/kernel';
import { InternalServer, removeServiceInfo, writeServiceInfo, type CallerTokens, type Logger, type Tracer } from '@tutti/service-kit';
import { serveStoreHost, storeSocketPath } from '@tutti/store-host';
import type { Ports } from './embedded-ports.js';
import type { StandaloneConfig } from './standalone.config.js';

interface EndpointParts {
  readonly config: StandaloneConfig['workerProcesses'];
  readonly dataDir: string;
  readonly tokens: Pick<CallerTokens, 'verify'>;
  readonly pid: number;
  readonly ports: Ports;
  readonly channel: TaskChannel;
  readonly agents: AgentService;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly tracer: Tracer;
}

/** What workers look for. */
const ROLES = ['workers', 'registry'] as const;

/** Where workers in other processes find what they need: the ports by a socket in the data folder, the owner of runs and the registry by gRPC. */
export class WorkerEndpoint {
  private readonly server: InternalServer;
  private storeHost: Awaited<ReturnType<typeof serveStoreHost>> | null = null;
  private address = '';

  constructor(private readonly parts: EndpointParts) {
    this.server = new InternalServer({ ...parts, ...parts.config });
  }

  /** @throws TuttiError INVALID_CONFIG for an address that cannot be had, or a data folder whose path is too long for a socket */
  async start(): Promise<void> {
    const { dataDir, tokens, pid, ports, channel, agents, runtime, logger } = this.parts;
    const { store: eventStore, bus: eventBus, readModels, blobs } = ports;
    const socketPath = storeSocketPath(dataDir);
    this.storeHost = await serveStoreHost({ ports: { eventStore, eventBus, readModels, blobs }, socketPath, runtime, logger });
    serveTaskChannel(this.server.server, channel, { tokens, timers: runtime.timers, logger });
    this.server.add(AgentServiceService, agents);
    this.address = await this.server.listen();
    this.server.open();
    for (const role of ROLES) await writeServiceInfo(dataDir, role, { address: this.address, pid });
    logger.info('takes workers of other processes', { address: this.address, storeSocket: socketPath });
  }

  /** Workers keep what they hold, and come back to the next owner. */
  async stop(): Promise<void> {
    for (const role of ROLES) await removeServiceInfo(this.parts.dataDir, role, this.parts.pid);
    await this.server.close();
    await this.storeHost?.close();
  }

  info(): { readonly workers: { readonly address: string; readonly storeSocket: string } } {
    if (this.address === '') throw new TuttiError('INTERNAL', 'the worker endpoint does not listen yet');
    return { workers: { address: this.address, storeSocket: storeSocketPath(this.parts.dataDir) } };
  }
}
