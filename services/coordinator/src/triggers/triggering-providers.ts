import type { FactoryProvider, Provider } from '@nestjs/common';
import { runIdOfKey, type StartRunResponse } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import type { Runtime } from '@tutti/kernel';
import {
  EVENT_SERVICE,
  EVENT_STORE,
  LOGGER,
  RUNTIME,
  SCHEDULE_SERVICE,
  TRACER,
  VALUE_STORE,
  type Logger,
  type Tracer,
  type ValueStore,
} from '@tutti/service-kit';
import { StartRun, StartRunHandler } from '../api/run-commands.js';
import { EVALUATOR, OWNERSHIP, RUNS_ELSEWHERE } from '../coordinator.tokens.js';
import type { Evaluator } from '../expressions/evaluator.js';
import { EventApi } from '../inbox/event.api.js';
import { EventFollower } from '../inbox/event-follower.js';
import { AnyRuns, type RunsElsewhere } from '../owner/any-runs.js';
import { ForeignRuns } from '../owner/foreign-runs.js';
import { RunOwner } from '../owner/run-owner.js';
import type { Ownership } from '../ownership/ownership.js';
import { ScheduleApi } from '../schedules/schedule.api.js';
import { traceScheduledRuns } from '../tracing/scheduled-runs.js';
import { Views } from '../views/views.js';
import { PlanCatalog } from '../workflow/plan-catalog.js';
import { RunPlans } from '../workflow/run-plans.js';
import { createFsFolders } from './files/fs-folders.js';
import type { Folders } from './files/folders.port.js';
import { Triggering } from './triggering.js';
import { webhookSecrets, type TriggersConfig } from './triggers.config.js';
import { createTriggeredRuns, type RunStart } from './triggered-runs.js';

/** Where files are looked for; a test or a simulation gives its own. */
export const FOLDERS = Symbol('Folders');

/** @param environment holds the secrets that the configuration names */
export function triggeringProviders(
  config: TriggersConfig,
  environment: Readonly<Record<string, string | undefined>>,
): readonly Provider[] {
  const triggering: FactoryProvider<Triggering> = {
    provide: Triggering,
    inject: [
      EVENT_STORE,
      VALUE_STORE,
      EVALUATOR,
      AnyRuns,
      PlanCatalog,
      OWNERSHIP,
      EventFollower,
      FOLDERS,
      Views,
      RUNTIME,
      LOGGER,
      { token: TRACER, optional: true },
    ],
    useFactory: (
      store: EventStore,
      values: ValueStore,
      evaluator: Evaluator,
      anyRuns: AnyRuns,
      catalog: PlanCatalog,
      ownership: Ownership,
      events: EventFollower,
      folders: Folders,
      views: Views,
      runtime: Runtime,
      logger: Logger,
      tracer?: Tracer,
    ) => {
      const starts = new StartRunHandler(anyRuns, catalog, values, runtime, ownership, evaluator);
      const start = (request: RunStart): Promise<StartRunResponse> => starts.execute(new StartRun(request));
      const runs = createTriggeredRuns({ start, runIdOf: runIdOfKey, runs: anyRuns });
      return new Triggering({
        ...{ store, values, evaluator, follower: events, folders, runtime, logger },
        fileRoots: config.fileRoots,
        webhookSecrets: webhookSecrets(config, environment),
        runs: tracer?.enabled === true ? traceScheduledRuns(runs, tracer, store) : runs,
        schedules: async () => {
          const position = await store.head();
          return { names: await scheduleNames(views, position), position };
        },
      });
    },
  };
  return [
    { provide: FOLDERS, useFactory: createFsFolders },
    {
      provide: AnyRuns,
      inject: [RunOwner, EVENT_STORE, RunPlans, RUNTIME, RUNS_ELSEWHERE],
      useFactory: (owner: RunOwner, store: EventStore, plans: RunPlans, runtime: Runtime, elsewhere: RunsElsewhere) =>
        new AnyRuns({ owner, foreign: new ForeignRuns({ store, plans, runtime }), elsewhere }),
    },
    triggering,
    {
      provide: SCHEDULE_SERVICE,
      inject: [Triggering, PlanCatalog, Views, RUNTIME],
      useFactory: (triggering: Triggering, plans: PlanCatalog, views: Views, runtime: Runtime) =>
        new ScheduleApi({ ledger: triggering.ledger, scheduler: () => triggering.scheduler, plans, views, runtime }),
    },
    {
      provide: EVENT_SERVICE,
      inject: [Triggering],
      useFactory: ({ inbox, webhooks }: Triggering) => new EventApi({ inbox, webhooks }),
    },
  ];
}

/** Every schedule that has not been deleted, as of this position at least. */
async function scheduleNames(views: Views, position: number): Promise<readonly string[]> {
  const { model } = await views.holding('schedules', position);
  const names: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await model.find({
      filter: { status: { $in: ['active', 'paused'] } },
      sort: [['name', 'asc']],
      limit: 1_000,
      ...(after === undefined ? {} : { after }),
    });
    names.push(...page.map(({ key }) => key));
    if (page.length < 1_000) return names;
    after = page.at(-1)?.cursor;
  }
}
