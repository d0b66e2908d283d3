import { AgentServiceService, type AgentService, type TaskChannel } from '@tutti/contracts';
import { checkToken, serveTaskChannel } from '@tutti/coordinator';
import { TuttiError, type Runtime } from '@tutti/kernel';
import { createGrpcServer, listenGrpc, removeOwnerInfo, serveGrpc, writeOwnerInfo, type Logger } from '@tutti/service-kit';
import { serveStoreHost, storeSocketPath } from '@tutti/store-host';
import type { Ports } from './embedded-ports.js';
import type { StandaloneConfig } from './standalone.config.js';

interface EndpointParts {
  readonly config: StandaloneConfig['workerProcesses'];
  readonly dataDir: string;
  readonly token: string;
  readonly pid: number;
  readonly ports: Ports;
  readonly channel: TaskChannel;
  readonly agents: AgentService;
  readonly runtime: Runtime;
  readonly logger: Logger;
}

/** Where workers in other processes find what they need: the ports by a socket in the data folder, the owner of runs and the registry by gRPC. */
export class WorkerEndpoint {
  private readonly server = createGrpcServer();
  private storeHost: Awaited<ReturnType<typeof serveStoreHost>> | null = null;
  private address = '';

  constructor(private readonly parts: EndpointParts) {}

  /** @throws TuttiError INVALID_CONFIG for an address that cannot be had, or a data folder whose path is too long for a socket */
  async start(): Promise<void> {
    const { config, dataDir, token, pid, ports, channel, agents, runtime, logger } = this.parts;
    const { store: eventStore, bus: eventBus, readModels, blobs } = ports;
    const socketPath = storeSocketPath(dataDir);
    this.storeHost = await serveStoreHost({ ports: { eventStore, eventBus, readModels, blobs }, socketPath, runtime, logger });
    serveTaskChannel(this.server, channel, { token, timers: runtime.timers, logger });
    serveGrpc(this.server, AgentServiceService, agents, {
      logger,
      around: async (metadata, call) => {
        checkToken(metadata, token);
        return call();
      },
    });
    this.address = `${config.host}:${await listenGrpc(this.server, config.host, config.port)}`;
    await writeOwnerInfo(dataDir, { address: this.address, token, pid });
    logger.info('takes workers of other processes', { address: this.address, storeSocket: socketPath });
  }

  /** Workers keep what they hold, and come back to the next owner. */
  async stop(): Promise<void> {
    await removeOwnerInfo(this.parts.dataDir, this.parts.pid);
    this.server.forceShutdown();
    await this.storeHost?.close();
  }

  info(): { readonly workers: { readonly address: string; readonly storeSocket: string } } {
    if (this.address === '') throw new TuttiError('INTERNAL', 'the worker endpoint does not listen yet');
    return { workers: { address: this.address, storeSocket: storeSocketPath(this.parts.dataDir) } };
  }
}
