import type { AgentService, AnnouncementAnswer, TaskAssignedMessage, TaskCancelledMessage, TaskChannel } from '@tutti/contracts';
import { EMBEDDED_WORKER, TASK_ASSIGNED, TASK_CANCELLED, tasksTopic, WORKERS_GROUP } from '@tutti/contracts';
import type { BusSubscription, Delivery, EventBus } from '@tutti/event-bus';
import type { EventStore } from '@tutti/event-store';
import { isJsonObject, TuttiError, type Runtime } from '@tutti/kernel';
import { within, type Logger, type Tracer, type ValueStore } from '@tutti/service-kit';
import { Heart } from '../liveness/heart.js';
import { Insistence } from '../liveness/insist.js';
import type { MessageDesk } from '../messaging/message-desk.js';
import { traceTaskChannel } from '../tracing/traced-task-channel.js';
import type { ApiTokens } from './api-tokens.js';
import type { HostedAgent } from './hosted-agent.js';
import { ResultReporter } from './result-reporter.js';
import { TaskRunner } from './task-runner.js';

export interface WorkerSettings {
  readonly pool: string;
  readonly embedded?: boolean;
  /** Time for tasks in hand to end by themselves when the worker stops. */
  readonly drainMs: number;
  readonly abortGraceMs: number;
  readonly maxUnreportedResults: number;
  readonly reportRetryMs: number;
  readonly maxReportRetryMs: number;
  readonly maxJournalSteps: number;
  readonly maxJournalBytes: number;
}

export interface WorkerPorts {
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly store: EventStore;
  readonly bus: EventBus;
  readonly values: ValueStore;
  readonly channel: TaskChannel;
  readonly agentService: Pick<AgentService, 'registerAgent'>;
  readonly apiTokens?: ApiTokens;
  /** Default: nothing is traced. */
  readonly tracer?: Tracer;
}

/** Most commands being claimed at once. */
const COMMAND_CONCURRENCY = 256;
/** With 200 ms doubled each time: an owner may be away for 25 s before the owner's own timers must heal it. */
const COMMAND_DELIVERIES = 8;
/** For each step of leaving that asks somebody else. */
const STEP_LIMIT_MS = 2_000;
const ACTOR = 'service:agent-workers';

/** One life of one worker: makes its agents known, takes tasks and messages for them, and leaves in order. */
export class Worker {
  readonly id: string;
  private readonly runner: TaskRunner;
  private readonly reporter: ResultReporter;
  private readonly heart: Heart;
  private readonly insist: Insistence;
  private commands: BusSubscription | null = null;
  private endListening: (() => void) | null = null;
  private stopping: Promise<void> | null = null;

  constructor(
    private readonly agents: readonly HostedAgent[],
    private readonly settings: WorkerSettings,
    private readonly ports: WorkerPorts,
    private readonly desk: MessageDesk,
  ) {
    const { runtime, values, logger, store, tracer } = ports;
    const traced = tracer?.enabled === true ? { tracer } : {};
    const channel = tracer?.enabled === true ? traceTaskChannel(ports.channel, tracer) : ports.channel;
    const { reportRetryMs, maxReportRetryMs, maxUnreportedResults, abortGraceMs } = settings;
    this.id = `${settings.embedded === true ? EMBEDDED_WORKER : 'worker-'}${runtime.ids.next()}`;
    this.reporter = new ResultReporter({
      worker: this.id,
      channel,
      values,
      runtime,
      logger,
      retryDelayMs: reportRetryMs,
      maxRetryDelayMs: maxReportRetryMs,
    });
    this.insist = new Insistence(ports);
    this.heart = new Heart({
      worker: this.id,
      runtime,
      logger,
      silent: () => this.runner.silent(),
      beat: (silent) => channel.beat(this.id, { silent }),
      announce: () => this.announce(),
      superseded: (attempts) =>
        attempts.forEach((attempt) => this.runner.cancel({ ...attempt, reason: 'another attempt has taken its place' })),
    });
    const byName = new Map(agents.map((agent) => [agent.profile.name, agent]));
    this.runner = new TaskRunner({
      worker: this.id,
      agents: byName,
      channel,
      values,
      reporter: this.reporter,
      runtime,
      logger,
      maxUnreportedResults,
      abortGraceMs,
      journal: {
        ...{ store, values, runtime, logger, retryDelayMs: reportRetryMs, maxRetryDelayMs: maxReportRetryMs, ...traced },
        limits: { maxSteps: settings.maxJournalSteps, maxBytes: settings.maxJournalBytes },
      },
      ...(ports.apiTokens === undefined ? {} : { apiTokens: ports.apiTokens }),
      ...traced,
    });
  }

  /** Every agent is registered and started before the first task or message can reach one. */
  async start(): Promise<void> {
    const { agentService, bus, logger } = this.ports;
    const register = ({ profile }: HostedAgent) => agentService.registerAgent({ profile: toMessage(profile), actor: ACTOR });
    await this.insist.on('the registry', () => Promise.all(this.agents.map(register)));
    for (const agent of this.agents) await this.startAgent(agent);
    await this.desk.open(this.id, this.agents);
    this.commands = await bus.subscribe({
      topic: tasksTopic(this.settings.pool),
      group: WORKERS_GROUP,
      member: this.id,
      concurrency: COMMAND_CONCURRENCY,
      maxDeliveries: COMMAND_DELIVERIES,
      handle: (delivery) => this.handle(delivery),
    });
    this.endListening = this.ports.channel.onStranger?.(() => this.heart.renew()) ?? null;
    await this.insist.on('the coordinator', () => this.heart.start());
    logger.info('worker takes tasks', {
      worker: this.id,
      pool: this.settings.pool,
      agents: this.agents.map(({ profile }) => profile.name),
    });
  }

  /** Takes no new tasks, waits for those in hand up to the limit, aborts the rest, departs. A failing part does not keep the others from ending. */
  stop(): Promise<void> {
    return (this.stopping ??= this.leave());
  }

  private announce(): Promise<AnnouncementAnswer> {
    const agents = this.agents.map(({ profile }) => profile);
    const { pool } = this.settings;
    const holding = this.runner.holding();
    return this.ports.channel.announce({ worker: this.id, pool, agents, holding, ...(this.stopping === null ? {} : { draining: true }) });
  }

  private async leave(): Promise<void> {
    const { channel } = this.ports;
    const { drainMs, abortGraceMs } = this.settings;
    await this.attempt('drain', STEP_LIMIT_MS, () => channel.drain(this.id));
    await this.attempt('end of tasks in hand', drainMs, () => this.runner.idle());
    this.runner.abortAll();
    // Half as long again, so that an attempt given up at the end of its grace is still handed over.
    await this.attempt('end of aborted tasks', abortGraceMs * 1.5, () => this.runner.idle());
    this.reporter.stop();
    this.insist.stop();
    this.endListening?.();
    this.heart.stop();
    await this.attempt('end of commands', STEP_LIMIT_MS, () => this.commands?.close() ?? Promise.resolve());
    await this.attempt('end of messages', STEP_LIMIT_MS, () => this.desk.close());
    await this.attempt('departure', STEP_LIMIT_MS, () => channel.depart(this.id));
    await Promise.all(
      this.agents.map(({ profile, instance }) =>
        this.attempt(`end of agent ${profile.name}`, abortGraceMs, () => instance.close?.() ?? Promise.resolve()),
      ),
    );
  }

  private async attempt(what: string, limitMs: number, work: () => Promise<void>): Promise<void> {
    try {
      await within(this.ports.runtime, limitMs, what, work);
    } catch (error) {
      this.ports.logger.warn('worker goes on stopping', { worker: this.id, part: what, err: error });
    }
  }

  private async startAgent({ profile, instance }: HostedAgent): Promise<void> {
    try {
      await instance.start?.(this.desk.hostFor(profile));
    } catch (error) {
      throw new TuttiError(
        'AGENT_FAILED',
        `agent ${profile.name} could not start: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    }
  }

  private async handle(delivery: Delivery): Promise<void> {
    if (delivery.type === TASK_ASSIGNED) {
      const message = checked<TaskAssignedMessage>(delivery, 'agent');
      // Delivered again and again while the owner is away, the command would become a dead letter, and the task wait for ever.
      await this.insist.on(`a claim of task ${message.task} of run ${message.runId}`, () => this.runner.take(message));
    }
    if (delivery.type === TASK_CANCELLED) this.runner.cancel(checked<TaskCancelledMessage>(delivery, 'reason'));
  }
}

/** The few fields that everything hangs on; the sender's own schema has been over the rest. */
function checked<Message>(delivery: Delivery, field: string): Message {
  const { payload } = delivery;
  if (
    isJsonObject(payload) &&
    typeof payload['runId'] === 'string' &&
    typeof payload['task'] === 'string' &&
    typeof payload['attempt'] === 'number' &&
    typeof payload[field] === 'string'
  ) {
    return payload as unknown as Message;
  }
  throw new TuttiError(
    'INVALID_REQUEST',
    `message ${delivery.id} of type ${delivery.type} at ${delivery.topic} ${delivery.offset}: expected runId, task, attempt and ${field}`,
  );
}

function toMessage(profile: HostedAgent['profile']): NonNullable<Parameters<AgentService['registerAgent']>[0]['profile']> {
  return { ...profile, capabilities: [...profile.capabilities], specialisations: [...profile.specialisations], tools: [...profile.tools] };
}
