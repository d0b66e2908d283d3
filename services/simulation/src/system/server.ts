import { agentWorkersConfig, AgentWorkersLifecycle, AgentWorkersModule, type HostedAgent } from '@tutti/agent-workers';
import type { AgentService, RunService, ServiceRegistryService, TaskChannel, WorkflowService } from '@tutti/contracts';
import {
  CoordinatorLifecycle,
  CoordinatorModule,
  createInProcessEvaluator,
  EVALUATOR,
  NOTIFICATION_CHANNELS,
  Notifier,
  OWNERSHIP,
  Triggering,
} from '@tutti/coordinator';
import type { JsonObject } from '@tutti/kernel';
import { createProjectionHost, type Projection, type ReadModels } from '@tutti/read-models';
import { registryConfig, RegistryLifecycle, RegistryModule } from '@tutti/registry';
import {
  AGENT_SERVICE,
  createValueStore,
  EVENT_BUS,
  EVENT_STORE,
  LOGGER,
  PROJECTIONS,
  READ_MODELS,
  RUN_SERVICE,
  RUNTIME,
  SERVICE_REGISTRY,
  TASK_CHANNEL,
  VALUE_STORE,
  WORKFLOW_SERVICE,
} from '@tutti/service-kit';
import { SimulatedReadModels } from '../disk/simulated-read-models.js';
import { simulatedChannel } from '../workload/simulated-channel.js';
import type { Life } from '../world/life.js';
import { Container } from './container.js';
import type { Machinery } from './machinery.js';

const REGISTRY_CONFIG = registryConfig.parse({});
export const WORKER_CONFIG = agentWorkersConfig.parse({});

export interface ServerServices {
  readonly workflows: WorkflowService;
  readonly runs: RunService;
  readonly agents: AgentService;
  readonly registry: ServiceRegistryService;
  readonly channel: TaskChannel;
  /** Any other contract, by its token. */
  readonly contract: <Contract>(token: symbol) => Contract;
}

/** Coordinator and registry on read models of their own, brought up and down as the standalone process does it; with its agents in the same process, if given. */
export class Server {
  readonly readModels: SimulatedReadModels;
  /** Of the life now: null while it is down. */
  services: ServerServices | null = null;
  /** Its projections are up, its runs taken up: it may be asked. */
  ready = false;
  /** The models of the life now, as the observer may read them. */
  connection: ReadModels | null = null;
  private container: Container | null = null;
  private current: Life | null = null;

  constructor(
    readonly index: number,
    private readonly machinery: Machinery,
    private readonly hosted: ((life: Life) => readonly HostedAgent[]) | null,
  ) {
    this.readModels = new SimulatedReadModels(machinery.chance);
  }

  get name(): string {
    return `server-${this.index}`;
  }

  get life(): Life | null {
    return this.current?.alive === true ? this.current : null;
  }

  /** Resolves when it is ready; never, when its life ends before. */
  async boot(life: Life): Promise<void> {
    this.current = life;
    this.ready = false;
    const container = this.assemble(life);
    this.container = container;
    const coordinator = container.get<CoordinatorLifecycle>(CoordinatorLifecycle);
    this.services = {
      workflows: container.get(WORKFLOW_SERVICE),
      runs: (this.machinery.sabotage.runs ?? same)(container.get(RUN_SERVICE)),
      agents: container.get(AGENT_SERVICE),
      registry: container.get(SERVICE_REGISTRY),
      channel: container.get(TASK_CHANNEL),
      contract: (token) => container.get(token),
    };
    await coordinator.startProjections();
    await container.get<RegistryLifecycle>(RegistryLifecycle).start();
    if (this.hosted !== null) await container.get<AgentWorkersLifecycle>(AgentWorkersLifecycle).start();
    await coordinator.startTimers();
    const triggering = container.get<Triggering>(Triggering);
    await triggering.start();
    await container.get<Notifier>(Notifier).start();
    this.ready = true;
  }

  /** In the order of the standalone process, each part within its limit there. */
  async stop(): Promise<void> {
    const { container } = this;
    if (container === null) return;
    this.ready = false;
    const coordinator = container.get<CoordinatorLifecycle>(CoordinatorLifecycle);
    await container.get<Notifier>(Notifier).stop();
    await container.get<Triggering>(Triggering).stop();
    if (this.hosted !== null) await container.get<AgentWorkersLifecycle>(AgentWorkersLifecycle).stop();
    await coordinator.stopTimers();
    await container.get<RegistryLifecycle>(RegistryLifecycle).stop();
    await coordinator.stopProjections();
  }

  ended(): void {
    this.services = null;
    this.ready = false;
    this.container = null;
    this.connection = null;
  }

  private assemble(life: Life): Container {
    const { store, bus, blobs, partitions, logger, inlineLimitBytes, claims, sabotage } = this.machinery;
    const { runtime } = life;
    const {
      store: aroundStore = same,
      readModels: aroundModels = same,
      channel = same,
      workerChannel = same,
      projection = same,
    } = sabotage;
    const eventStore = aroundStore(store.connect(life));
    const models = this.readModels.connect(life);
    this.connection = models;
    const readModels = aroundModels(models);
    const projections = createProjectionHost({ store: eventStore, readModels, runtime });
    const modules = [CoordinatorModule.register(this.machinery.coordinator), RegistryModule.register(REGISTRY_CONFIG)];
    const agents = this.hosted?.(life);
    if (agents !== undefined)
      modules.push(AgentWorkersModule.register({ config: WORKER_CONFIG, host: { base: '/', environment: {}, agents } }));
    const container: Container = new Container(
      modules,
      new Map<unknown, unknown>([
        [RUNTIME, runtime],
        [LOGGER, logger(life)],
        [EVENT_STORE, eventStore],
        [EVENT_BUS, bus.connect(life)],
        [READ_MODELS, readModels],
        [PROJECTIONS, { start: (followed: Projection<JsonObject>) => projections.start(projection(followed)) }],
        [VALUE_STORE, createValueStore({ blobs: blobs.connect(life), inlineLimitBytes })],
        [EVALUATOR, createInProcessEvaluator(runtime)],
        [NOTIFICATION_CHANNELS, [simulatedChannel(life, this.machinery.chance)]],
        [OWNERSHIP, partitions.viewOf(this.index, life)],
      ]),
    );
    const observed = (inner: TaskChannel): TaskChannel => claims(channel(inner));
    container.wrap<TaskChannel>(TASK_CHANNEL, this.hosted === null ? observed : (inner) => workerChannel(observed(inner)));
    return container;
  }
}

function same<Thing>(thing: Thing): Thing {
  return thing;
}
