import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { DEFAULT_POOL, tasksTopic, WORKERS_GROUP } from '@tutti/contracts';
import type { EventBus } from '@tutti/event-bus';
import type { EventStore } from '@tutti/event-store';
import type { Runtime } from '@tutti/kernel';
import {
  EVENT_BUS,
  EVENT_SERVICE,
  EVENT_STORE,
  LOGGER,
  NOTIFICATION_SERVICE,
  RUN_SERVICE,
  RUNTIME,
  SCHEDULE_SERVICE,
  TASK_CHANNEL,
  TRACER,
  VALUE_STORE,
  WORKFLOW_SERVICE,
  type Logger,
  type Tracer,
  type ValueStore,
} from '@tutti/service-kit';
import { ExplainTaskHandler } from './api/explain-task.js';
import { MigrateRunHandler } from './api/migrate-run.js';
import { ListAttemptsHandler } from './api/list-attempts.js';
import { DecideApprovalHandler, DelegateApprovalHandler } from './api/approval-commands.js';
import { CancelRunHandler, PauseRunHandler, ResumeRunHandler, StartRunHandler } from './api/run-commands.js';
import { GetApprovalHandler, GetRunHandler, ListApprovalsHandler, ListRunsHandler, ListTasksHandler } from './api/run-queries.js';
import { ListQueriesHandler, QueryRunHandler } from './api/query-run.js';
import { RepairRunHandler } from './api/repair-run.js';
import { SetVariablesHandler } from './api/set-variables.js';
import { SignalRunHandler } from './api/signal-run.js';
import { RunApi } from './api/run.api.js';
import { GetWorkflowHandler, ListWorkflowsHandler, RegisterWorkflowHandler } from './api/workflow-handlers.js';
import { ChangeVersionsHandler, ListWorkflowVersionsHandler } from './api/workflow-rollout.js';
import { WorkflowApi } from './api/workflow.api.js';
import type { CoordinatorConfig } from './coordinator.config.js';
import { CoordinatorLifecycle } from './coordinator.lifecycle.js';
import { COORDINATOR_CONFIG, EVALUATOR, OWNERSHIP, RUNS_ELSEWHERE } from './coordinator.tokens.js';
import { createEvaluator, type Evaluator } from './expressions/evaluator.js';
import { EventFollower } from './inbox/event-follower.js';
import { Permits } from './limits/permits.js';
import { WorkerPresence } from './liveness/worker-presence.js';
import type { Environment } from './notifications/create-channels.js';
import { notificationProviders } from './notifications/notification-providers.js';
import { Notifier } from './notifications/notifier.js';
import { NO_RUNS_ELSEWHERE, type RunsElsewhere } from './owner/any-runs.js';
import { ForeignRuns } from './owner/foreign-runs.js';
import { RequestResolver } from './owner/request-resolver.js';
import { RunOwner } from './owner/run-owner.js';
import { SOLE_OWNERSHIP, type Ownership } from './ownership/ownership.js';
import { RunTail } from './ownership/run-tail.js';
import { Router } from './routing/router.js';
import { DeadCommands } from './tasks/dead-commands.js';
import { OwnerTaskChannel } from './tasks/owner-task-channel.js';
import { Triggering } from './triggers/triggering.js';
import { triggeringProviders } from './triggers/triggering-providers.js';
import { Views } from './views/views.js';
import { PlanCatalog } from './workflow/plan-catalog.js';
import { WorkflowStreams } from './workflow/workflow-streams.js';
import { RunPlans } from './workflow/run-plans.js';

const handlers = [
  StartRunHandler,
  PauseRunHandler,
  ResumeRunHandler,
  CancelRunHandler,
  DecideApprovalHandler,
  DelegateApprovalHandler,
  SignalRunHandler,
  RepairRunHandler,
  SetVariablesHandler,
  QueryRunHandler,
  ListQueriesHandler,
  GetRunHandler,
  ListRunsHandler,
  ListTasksHandler,
  ListAttemptsHandler,
  ListApprovalsHandler,
  GetApprovalHandler,
  ExplainTaskHandler,
  RegisterWorkflowHandler,
  GetWorkflowHandler,
  ListWorkflowsHandler,
  ChangeVersionsHandler,
  ListWorkflowVersionsHandler,
  MigrateRunHandler,
  WorkflowStreams,
];

/** The router tells the owner of seats that came free, and the owner asks the router for seats; workers come and go under both: they are made together. */
interface Core {
  readonly owner: RunOwner;
  readonly router: Router;
  readonly permits: Permits;
  readonly presence: WorkerPresence;
  readonly channel: OwnerTaskChannel;
}
const CORE = Symbol('Core');

const core: FactoryProvider<Core> = {
  provide: CORE,
  inject: [
    EVENT_STORE,
    RunPlans,
    EVALUATOR,
    VALUE_STORE,
    EVENT_BUS,
    RUNTIME,
    LOGGER,
    COORDINATOR_CONFIG,
    OWNERSHIP,
    EventFollower,
    { token: TRACER, optional: true },
  ],
  useFactory: (
    store: EventStore,
    plans: RunPlans,
    evaluator: Evaluator,
    values: ValueStore,
    bus: EventBus,
    runtime: Runtime,
    logger: Logger,
    config: CoordinatorConfig,
    ownership: Ownership,
    events: EventFollower,
    tracer?: Tracer,
  ) => {
    const permits = new Permits({ store, runtime, logger, options: config.limits });
    const router: Router = new Router({
      ...{ runtime, permits, breaker: config.breaker },
      onSeat: (task, assignment) => owner.assign(task, assignment),
    });
    const resolver = new RequestResolver({ evaluator, values, router, clock: runtime.clock, store, plans });
    const { maxOpenRuns, maxWaitingTasks, maxQueuedCommands, beatMs, leaseMs, workerGraceMs: graceMs } = config;
    const presence: WorkerPresence = new WorkerPresence({
      runtime,
      leaseMs,
      graceMs,
      ownership,
      onGone: (worker, known) => void channel.gone(worker, known),
    });
    const limits = { maxOpenRuns, maxWaitingTasks, maxQueuedCommands };
    const owner = new RunOwner({
      ...{ store, plans, values, router, permits, presence, resolver, runtime, logger, limits, ownership, events },
      ...(tracer === undefined ? {} : { tracer }),
    });
    const channel = new OwnerTaskChannel({
      ...{ owner, router, presence, values, logger, beatMs },
      onDeparted: ({ worker, pool }) => bus.forgetMember(tasksTopic(pool), WORKERS_GROUP, worker),
    });
    return { owner, router, permits, presence, channel };
  },
};

/** Where this coordinator is one of several. */
interface AmongOthers {
  readonly ownership: Ownership;
  readonly elsewhere: RunsElsewhere;
}

const ALONE: AmongOthers = { ownership: SOLE_OWNERSHIP, elsewhere: NO_RUNS_ELSEWHERE };

/** Workflows, runs, routing, gates and timers. Ports come from the composition root. */
@Module({})
export class CoordinatorModule {
  /** @param environment holds the secrets that the configuration names */
  static register(config: CoordinatorConfig, environment: Environment = {}, { ownership, elsewhere }: AmongOthers = ALONE): DynamicModule {
    return {
      module: CoordinatorModule,
      imports: [CqrsModule.forRoot()],
      providers: [
        { provide: COORDINATOR_CONFIG, useValue: config },
        {
          provide: EVALUATOR,
          inject: [RUNTIME],
          useFactory: (runtime: Runtime) => createEvaluator({ runtime, limitMs: config.expressionLimitMs }),
        },
        { provide: PlanCatalog, inject: [EVENT_STORE], useFactory: (store: EventStore) => new PlanCatalog(store) },
        {
          provide: RunPlans,
          inject: [PlanCatalog, VALUE_STORE],
          useFactory: (catalog: PlanCatalog, values: ValueStore) => new RunPlans(catalog, values),
        },
        {
          provide: EventFollower,
          inject: [EVENT_STORE, RUNTIME, LOGGER],
          useFactory: (store: EventStore, runtime: Runtime, logger: Logger) => new EventFollower({ store, runtime, logger }),
        },
        core,
        { provide: RunOwner, inject: [CORE], useFactory: ({ owner }: Core) => owner },
        { provide: Router, inject: [CORE], useFactory: ({ router }: Core) => router },
        { provide: Permits, inject: [CORE], useFactory: ({ permits }: Core) => permits },
        { provide: OWNERSHIP, useValue: ownership },
        { provide: RUNS_ELSEWHERE, useValue: elsewhere },
        {
          provide: RunTail,
          inject: [EVENT_STORE, RunOwner, OWNERSHIP, RUNTIME, LOGGER],
          useFactory: (store: EventStore, owner: RunOwner, ownership: Ownership, runtime: Runtime, logger: Logger) =>
            new RunTail({ store, owner, ownership, runtime, logger }),
        },
        { provide: WorkerPresence, inject: [CORE], useFactory: ({ presence }: Core) => presence },
        { provide: TASK_CHANNEL, inject: [CORE], useFactory: ({ channel }: Core) => channel },
        {
          provide: DeadCommands,
          inject: [EVENT_BUS, RunOwner, EVENT_STORE, RunPlans, RUNTIME, LOGGER],
          useFactory: (bus: EventBus, owner: RunOwner, store: EventStore, plans: RunPlans, runtime: Runtime, logger: Logger) => {
            const foreign = new ForeignRuns({ store, plans, runtime });
            return new DeadCommands({ bus, owner, foreign, ids: runtime.ids, logger, pool: DEFAULT_POOL });
          },
        },
        Views,
        CoordinatorLifecycle,
        ...handlers,
        ...notificationProviders(config.notifications, environment),
        ...triggeringProviders(config.triggers, environment),
        { provide: RUN_SERVICE, useClass: RunApi },
        { provide: WORKFLOW_SERVICE, useClass: WorkflowApi },
      ],
      exports: [
        RUN_SERVICE,
        WORKFLOW_SERVICE,
        TASK_CHANNEL,
        CoordinatorLifecycle,
        NOTIFICATION_SERVICE,
        Notifier,
        SCHEDULE_SERVICE,
        EVENT_SERVICE,
        Triggering,
      ],
    };
  }
}
