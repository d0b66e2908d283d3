import type { EventStore } from '@tutti/event-store';
import type { Runtime } from '@tutti/kernel';
import type { Logger, ValueStore } from '@tutti/service-kit';
import type { Evaluator } from '../expressions/evaluator.js';
import { type EventFollower } from '../inbox/event-follower.js';
import { Inbox } from '../inbox/inbox.js';
import { Webhooks } from '../inbox/webhooks.js';
import { RunEnds } from '../schedules/run-ends.js';
import { ScheduleLedger } from '../schedules/schedule-ledger.js';
import { Scheduler } from '../schedules/scheduler.js';
import { EventTriggers } from './event-triggers.js';
import { FileWatch } from './files/file-watch.js';
import type { Folders } from './files/folders.port.js';
import { TriggerFiring } from './trigger-firing.js';
import { TriggerTable, type NamedSpec } from './trigger-table.js';
import { TRIGGER_ACTOR, type TriggeredRuns } from './triggered-runs.js';

interface TriggeringParts {
  readonly store: EventStore;
  readonly values: ValueStore;
  readonly evaluator: Evaluator;
  readonly runs: TriggeredRuns;
  readonly follower: EventFollower;
  readonly folders: Folders;
  readonly fileRoots: readonly string[];
  /** Keys by the secret's name. */
  readonly webhookSecrets: Readonly<Record<string, readonly Uint8Array[]>>;
  /** Every schedule that there is, and up to which position of the log. */
  readonly schedules: () => Promise<{ readonly names: readonly string[]; readonly position: number }>;
  readonly runtime: Runtime;
  readonly logger: Logger;
}

const CATCH_UP_LIMIT_MS = 5_000;

/** Everything that starts runs by itself: schedules, events, webhooks, files. Made of parts that need nothing but the ports. */
export class Triggering {
  readonly inbox: Inbox;
  readonly webhooks: Webhooks;
  readonly ledger: ScheduleLedger;
  readonly scheduler: Scheduler;
  readonly triggers: EventTriggers;
  private readonly files: FileWatch;

  constructor(private readonly parts: TriggeringParts) {
    const { store, values, evaluator, runs, follower, folders, fileRoots: roots, webhookSecrets: secrets, runtime, logger } = parts;
    const table = new TriggerTable();
    this.inbox = new Inbox(store, values);
    this.webhooks = new Webhooks({ inbox: this.inbox, secretsOf: (hook) => table.secretsOf(hook), secrets, runtime, logger });
    this.ledger = new ScheduleLedger(store, runtime);
    const ends = new RunEnds(store, follower);
    this.scheduler = new Scheduler({ store, ledger: this.ledger, runs, ends, evaluator, runtime, logger });
    this.files = new FileWatch({ folders, inbox: this.inbox, roots, runtime, logger });
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

  /** Before runs can no longer be started. */
  async stop(): Promise<void> {
    await this.files.stop();
    await this.triggers.stop();
    await this.scheduler.stop();
  }

  private async putSchedules(workflow: string, specs: readonly NamedSpec[], earlier: readonly string[]): Promise<void> {
    const nowMs = this.parts.runtime.clock.now();
    const removed = earlier.filter((name) => !specs.some((one) => one.name === name));
    for (const name of removed)
      await this.ledger.handle(name, { type: 'RemoveSchedule', name, workflow, actor: TRIGGER_ACTOR }, TRIGGER_ACTOR);
    for (const { name, spec } of specs)
      await this.ledger.handle(name, { type: 'PutSchedule', name, spec, workflow, actor: TRIGGER_ACTOR, nowMs }, TRIGGER_ACTOR);
  }
}
