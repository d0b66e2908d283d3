import { TuttiError } from '@tutti/kernel';
import type { AgentService } from '@tutti/contracts';
import type { ServiceTokens } from '@tutti/service-kit';
import type { AgentWorkersConfig } from './agent-workers.config.js';
import { NodeProgramStarter } from './command-agent/node-program-starter.js';
import { gateCommands } from './command-agent/gate-commands.js';
import { programEnvironment } from './command-agent/program-environment.js';
import { discoverAgents } from './discovery/discover-agents.js';
import { loadAgents } from './discovery/load-agents.js';
import { ApiTokens } from './hosting/api-tokens.js';
import type { HostedAgent } from './hosting/hosted-agent.js';
import { Worker, type WorkerPorts } from './hosting/worker.js';
import { traceProgramStarter } from './tracing/traced-programs.js';
import { MessageDesk } from './messaging/message-desk.js';

export interface AgentWorkersPorts extends WorkerPorts {
  readonly agentService: AgentService;
}

export interface AgentWorkersHost {
  /** Absolute; folders and packages of agents are looked for from here. */
  readonly base: string;
  /** The process's environment; only PATH, HOME and LANG reach programs. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** It lives in the process of the runs' owner. */
  readonly embedded?: boolean;
  /** Gives agents tokens for the API; without it they get none. */
  readonly tokens?: Pick<ServiceTokens, 'issue'>;
  /** Hosted besides those that are found. */
  readonly agents?: readonly HostedAgent[];
}

/** Brings a worker with its agents up and down when the composition root says so. */
export class AgentWorkersLifecycle {
  private worker: Worker | null = null;

  constructor(
    private readonly config: AgentWorkersConfig,
    private readonly host: AgentWorkersHost,
    private readonly ports: AgentWorkersPorts,
  ) {}

  /**
   * Resolves when the agents are registered and tasks are taken.
   *
   * @throws TuttiError INVALID_CONFIG with every problem of every agent file at once
   */
  async start(): Promise<void> {
    if (this.worker !== null) throw new TuttiError('INTERNAL', `worker ${this.worker.id} is started already`);
    const { agentFolders, agentPackages, killGraceMs } = this.config;
    const discovered = await discoverAgents({ folders: agentFolders, packages: agentPackages, base: this.host.base });
    const programs = new NodeProgramStarter(this.ports.runtime);
    const { tracer } = this.ports;
    const starter = tracer?.enabled === true ? traceProgramStarter(programs, tracer) : programs;
    const environment = programEnvironment(this.host.environment);
    const agents = await loadAgents(discovered, { starter, programEnvironment: environment, killGraceMs });
    this.worker = new Worker(
      [...(this.host.agents ?? []), ...agents, ...gateCommands(this.config, this.host.base, environment, starter)],
      { ...this.config, embedded: this.host.embedded ?? false },
      this.host.tokens === undefined ? this.ports : { ...this.ports, apiTokens: new ApiTokens(this.host.tokens) },
      new MessageDesk(this.ports),
    );
    await this.worker.start();
  }

  /** Drains, then aborts, then departs; takes at most twice `drainMs` and some seconds. Programs that agents started are gone when it resolves. */
  async stop(): Promise<void> {
    await this.worker?.stop();
  }

  /** This life's worker id; null before the start. */
  workerId(): string | null {
    return this.worker?.id ?? null;
  }
}
