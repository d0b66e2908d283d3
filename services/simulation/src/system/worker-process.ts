import { AgentWorkersLifecycle, AgentWorkersModule, type HostedAgent } from '@tutti/agent-workers';
import { createValueStore, AGENT_SERVICE, EVENT_BUS, EVENT_STORE, LOGGER, RUNTIME, TASK_CHANNEL, VALUE_STORE } from '@tutti/service-kit';
import { RoutedTaskChannel } from '../network/routed-task-channel.js';
import type { Life } from '../world/life.js';
import { Container } from './container.js';
import type { Machinery } from './machinery.js';
import { WORKER_CONFIG, type Server } from './server.js';

/** A worker in a process of its own, which reaches the servers over the network. */
export class WorkerProcess {
  private lifecycle: AgentWorkersLifecycle | null = null;
  life: Life | null = null;

  constructor(
    readonly name: string,
    private readonly machinery: Machinery,
    private readonly servers: readonly Server[],
    private readonly hosted: (life: Life) => readonly HostedAgent[],
  ) {}

  async boot(life: Life): Promise<void> {
    this.life = life;
    const { store, bus, blobs, logger, inlineLimitBytes, link, sabotage } = this.machinery;
    const channel = new RoutedTaskChannel(life, link, this.servers, this.machinery.partitions);
    const [first] = this.servers;
    if (first === undefined) throw new Error('a worker needs a server');
    const registry = <Answer>(ask: (services: NonNullable<Server['services']>) => Promise<Answer>): Promise<Answer> =>
      link.call(life, first, () => ask(first.services as NonNullable<Server['services']>));
    const container = new Container(
      [AgentWorkersModule.register({ config: WORKER_CONFIG, host: { base: '/', environment: {}, agents: this.hosted(life) } })],
      new Map<unknown, unknown>([
        [RUNTIME, life.runtime],
        [LOGGER, logger(life)],
        [EVENT_STORE, sabotage.store?.(store.connect(life)) ?? store.connect(life)],
        [EVENT_BUS, bus.connect(life)],
        [VALUE_STORE, createValueStore({ blobs: blobs.connect(life), inlineLimitBytes })],
        [TASK_CHANNEL, sabotage.workerChannel?.(channel) ?? channel],
        [
          AGENT_SERVICE,
          {
            registerAgent: (request: never) => registry(({ agents }) => agents.registerAgent(request)),
            getAgent: (request: never) => registry(({ agents }) => agents.getAgent(request)),
          },
        ],
      ]),
    );
    this.lifecycle = container.get<AgentWorkersLifecycle>(AgentWorkersLifecycle);
    await this.lifecycle.start();
  }

  async stop(): Promise<void> {
    await this.lifecycle?.stop();
  }

  ended(): void {
    this.lifecycle = null;
  }
}
