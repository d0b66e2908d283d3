import type { EventStore } from '@tutti/event-store';
import type { Runtime } from '@tutti/kernel';
import type { Logger, ValueStore } from '@tutti/service-kit';
import type { Evaluator } from '../expressions/evaluator.js';
import type { EventFollower } from '../inbox/event-follower.js';
import type { Inbox } from '../inbox/inbox.js';
import { RunEnds } from '../schedules/run-ends.js';
import type { ScheduleLedger } from '../schedules/schedule-ledger.js';
import { Scheduler } from '../schedules/scheduler.js';
import { EventTriggers } from './event-triggers.js';
import { FileWatch } from './files/file-watch.js';
import type { Folders } from './files/folders.port.js';
import { TriggerFiring } from './trigger-firing.js';
import { TriggerTable, type NamedSpec } from './trigger-table.js';
import { TRIGGER_ACTOR, type TriggeredRuns } from './triggered-runs.js';

export interface ActiveTriggersParts {
  readonly store: EventStore;
  readonly values: ValueStore;
  readonly evaluator: Evaluator;
  readonly runs: TriggeredRuns;
  readonly follower: EventFollower;
  readonly folders: Folders;
  readonly fileRoots: readonly string[];
  /** Every schedule that there is, and up to which position of the log. */
  readonly schedules: () => Promise<{ readonly names: readonly string[]; readonly position: number }>;
  readonly inbox: Inbox;
  readonly ledger: ScheduleLedger;
  readonly runtime: Runtime;
  readonly logger: Logger;
}

const CATCH_UP_LIMIT_MS = 5_000;

/** One life of what starts runs by itself: started once, stopped once. */
export class ActiveTriggers {
  readonly table = new TriggerTable();
  readonly scheduler: Scheduler;
  readonly triggers: EventTriggers;
  private readonly files: FileWatch;
  private readonly ends: RunEnds;

  constructor(private readonly parts: ActiveTriggersParts) {
    const { store, values, evaluator, runs, follower, folders, fileRoots: roots, inbox, ledger, runtime, logger } = parts;
    const { table } = this;
    this.ends = new RunEnds(store, follower);
    this.scheduler = new Scheduler({ store, ledger, runs, ends: this.ends, evaluator, runtime, logger });
    this.files = new FileWatch({ folders, inbox, roots, runtime, logger });
    this.triggers = new EventTriggers({
      ...{ store, table, runtime, logger },
      firing: new TriggerFiring({ store, table, runs, values, evaluator, runtime, logger }),
      putSchedules: (workflow, specs, earlier) => this.putSchedules(workflow, specs, earlier),
      onFolders: () => this.files.set(table.folders()),
    });
  }

  async start(): Promise<void> {
    const { names, position } = await this.parts.schedules();
    this.scheduler.start(names, position);
    await this.triggers.start();
    // Whoever comes from now on finds the webhooks and schedules of what was registered before.
    await this.triggers.caughtUp(position, CATCH_UP_LIMIT_MS);
  }

  async stop(): Promise<void> {
    await this.files.stop();
    await this.triggers.stop();
    await this.scheduler.stop();
    this.ends.close();
  }

  private async putSchedules(workflow: string, specs: readonly NamedSpec[], earlier: readonly string[]): Promise<void> {
    const { ledger, runtime } = this.parts;
    const nowMs = runtime.clock.now();
    const removed = earlier.filter((name) => !specs.some((one) => one.name === name));
    for (const name of removed) await ledger.handle(name, { type: 'RemoveSchedule', name, workflow, actor: TRIGGER_ACTOR }, TRIGGER_ACTOR);
    for (const { name, spec } of specs)
      await ledger.handle(name, { type: 'PutSchedule', name, spec, workflow, actor: TRIGGER_ACTOR, nowMs }, TRIGGER_ACTOR);
  }
}
