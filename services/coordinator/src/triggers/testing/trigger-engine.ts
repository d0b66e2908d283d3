import {
  upcast,
  workflowEvents,
  type InboxEvent,
  type RunEvent,
  type ScheduleEvent,
  type TriggerEvent,
  type WorkflowEvent,
  runIdOfKey,
} from '@tutti/contracts';
import { handleCommand, type EventStore } from '@tutti/event-store';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { eventMetadata, newEvent, type TuttiError, type JsonObject, type RecordedEvent } from '@tutti/kernel';
import { createManualRuntime } from '@tutti/kernel/testing';
import { silentLogger } from '@tutti/service-kit';
import { StartRun, StartRunHandler } from '../../api/run-commands.js';
import { compileDefinition } from '../../definition/compile-definition.js';
import { EventFollower } from '../../inbox/event-follower.js';
import { AnyRuns, NO_RUNS_ELSEWHERE } from '../../owner/any-runs.js';
import { ForeignRuns } from '../../owner/foreign-runs.js';
import { SOLE_OWNERSHIP } from '../../ownership/ownership.js';
import type { ScheduleLedger } from '../../schedules/schedule-ledger.js';
import type { Scheduler } from '../../schedules/scheduler.js';
import { agent, Engine, type Handler } from '../../testing/engine.js';
import { workflowDecider } from '../../workflow/workflow.decider.js';
import type { Folders, FoundFile } from '../files/folders.port.js';
import { createTriggeredRuns } from '../triggered-runs.js';
import { RunPlans } from '../../workflow/run-plans.js';
import { Triggering } from '../triggering.js';
import { triggersConfig, webhookSecrets } from '../triggers.config.js';

type Started = Extract<RunEvent, { type: 'RunStarted' }>['data'];

/** Folders in memory. */
export class FakeFolders implements Folders {
  readonly files = new Map<string, FoundFile & { readonly content: string }>();
  private readonly watchers = new Set<() => void>();

  /** Unnoticed as on a network drive when `quietly`. */
  put(path: string, content: string, quietly = false): void {
    this.files.set(path, { name: path, bytes: content.length, modifiedMs: this.files.size, content });
    if (!quietly) for (const watcher of this.watchers) watcher();
  }

  /** Folders that are not there. */
  readonly missing = new Set<string>();
  real = (path: string): Promise<string | null> => Promise.resolve(this.missing.has(path) ? null : path);
  list = (folder: string): Promise<readonly FoundFile[]> =>
    Promise.resolve(
      [...this.files].flatMap(([path, file]) => (path.startsWith(`${folder}/`) ? [{ ...file, name: path.slice(folder.length + 1) }] : [])),
    );
  hash = (folder: string, name: string): Promise<string | null> =>
    Promise.resolve(Buffer.from(this.files.get(`${folder}/${name}`)?.content ?? '').toString('hex'));
  watch = (_folder: string, _below: boolean, onChange: () => void): (() => void) => {
    this.watchers.add(onChange);
    return () => this.watchers.delete(onChange);
  };
}

/** The coordinator's engine with everything that starts runs by itself, on a store in memory. */
export class TriggerEngine extends Engine {
  readonly folders = new FakeFolders();
  triggering!: Triggering;
  /** Appends to such streams fail, as when the process is killed. */
  failAppends: ((stream: string) => boolean) | null = null;
  failStarts: TuttiError | null = null;
  private runEnds: EventFollower | null = null;
  private running = false;

  static async create(handler: Handler): Promise<TriggerEngine> {
    const runtime = createManualRuntime();
    const store = createInMemoryEventStore(runtime);
    const wrapped: EventStore = Object.create(store, {
      append: {
        value: (...args: Parameters<EventStore['append']>) =>
          engine.failAppends?.(args[0]) === true ? Promise.reject(new Error('killed')) : store.append(...args),
      },
    }) as EventStore;
    const engine: TriggerEngine = new TriggerEngine(wrapped, runtime, handler);
    await engine.restart();
    return engine;
  }

  get ledger(): ScheduleLedger {
    return this.triggering.ledger;
  }

  get scheduler(): Pick<Scheduler, 'triggerNow'> {
    return this.triggering.scheduler;
  }

  private anyRuns(): AnyRuns {
    const { store, runtime } = this;
    const foreign = new ForeignRuns({ store, plans: new RunPlans(this.plans, this.values), runtime });
    return new AnyRuns({ owner: this.owner, foreign, elsewhere: NO_RUNS_ELSEWHERE });
  }

  async restart(): Promise<void> {
    const { store, runtime, values, evaluator } = this;
    await this.boot('w1', [agent('worker', ['work'])]);
    const handler = new StartRunHandler(this.owner, this.plans, values, runtime, SOLE_OWNERSHIP, evaluator);
    const start: Parameters<typeof createTriggeredRuns>[0]['start'] = async (request) => {
      if (this.failStarts !== null) throw this.failStarts;
      return handler.execute(new StartRun(request));
    };
    const logger = silentLogger;
    this.runEnds = new EventFollower({ store, runtime, logger });
    this.triggering = new Triggering({
      ...{ store, values, evaluator, runtime, logger, follower: this.runEnds, folders: this.folders },
      ...{
        fileRoots: ['/drop'],
        webhookSecrets: webhookSecrets(CONFIG, { SHOP_SECRET: SECRET }),
        runs: createTriggeredRuns({ start, runIdOf: runIdOfKey, runs: this.anyRuns() }),
      },
      schedules: async () => ({ names: await this.scheduleNames(), position: await store.head() }),
    });
    await this.triggering.start();
    this.running = true;
    await this.settle();
  }

  override async crash(): Promise<void> {
    if (!this.running) return;
    this.running = false;
    const noted = this.failAppends;
    // A process that is killed notes nothing on its way out.
    this.failAppends = (stream) => stream.startsWith('trigger-') || noted?.(stream) === true;
    await this.triggering.stop();
    await this.runEnds?.close();
    this.failAppends = noted;
    await super.crash();
  }

  /** Lets the time pass in steps, so that what comes of one is done before the next. */
  async pass(ms: number, stepMs = 60_000): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      await this.runtime.advance(Math.min(stepMs, left));
      await this.settle();
    }
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < 60; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Waits until everything up to the position has been held against the triggers, which takes a thread for some expressions. */
  async checked(position: number): Promise<void> {
    for (let turn = 0; this.triggering.triggers.position < position; turn++) {
      // An expression may take its thread a while on a busy machine; these are seconds.
      if (turn > 10_000_000) throw new Error(`triggers are at ${this.triggering.triggers.position}, not at ${position}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await this.settle();
  }

  async recorded<Event = RecordedEvent>(...categories: readonly string[]): Promise<readonly Event[]> {
    const events: Event[] = [];
    for await (const event of this.store.readAll({ filter: { categories } })) events.push(upcast(event) as unknown as Event);
    return events;
  }

  async scheduleEvents(name: string): Promise<readonly ScheduleEvent[]> {
    const events: ScheduleEvent[] = [];
    for await (const event of this.store.readStream(`schedule-${name}`)) events.push(event as unknown as ScheduleEvent);
    return events;
  }

  async untilSchedule(name: string, type: ScheduleEvent['type'], count = 1): Promise<void> {
    for (let turn = 0; turn < 500; turn++) {
      if ((await this.scheduleEvents(name)).filter((event) => event.type === type).length >= count) return this.settle();
      await this.settle();
    }
    throw new Error(`schedule ${name} has ${(await this.scheduleEvents(name)).map((event) => event.type).join(', ')}`);
  }

  async startedRuns(): Promise<readonly Started[]> {
    return (await this.recorded<RunEvent>('run')).flatMap((event) => (event.type === 'RunStarted' ? [event.data] : []));
  }

  async runIds(): Promise<readonly string[]> {
    return (await this.startedRuns()).map(({ runId }) => runId);
  }

  received = (): Promise<readonly InboxEvent[]> => this.recorded<InboxEvent>('inbox');
  refusals = async (): Promise<readonly JsonObject[]> =>
    (await this.recorded<TriggerEvent>('trigger')).flatMap((event) =>
      event.type === 'TriggerRefused' ? [event.data as unknown as JsonObject] : [],
    );

  /** As the next version, where there is one. */
  override async register(source: string): Promise<void> {
    const compiled = compileDefinition(source);
    if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
    const { name, description } = compiled.definition;
    await handleCommand(this.store, {
      stream: `workflow-${name}`,
      decider: workflowDecider,
      command: {
        ...{ type: 'RegisterWorkflowVersion', name, description, hash: compiled.plan.hash, definition: compiled.document, source },
        registeredBy: 'user:test',
      },
      encode: ({ type, data }) =>
        newEvent(this.runtime.ids.next(), workflowEvents[type], data, eventMetadata({ correlationId: name, actor: 'user:test' })),
      decode: (event) => event as unknown as WorkflowEvent,
    });
    await this.plans.refresh(name);
  }

  private async scheduleNames(): Promise<readonly string[]> {
    const events = await this.recorded<ScheduleEvent>('schedule');
    return events.flatMap((event) => (event.type === 'ScheduleCreated' ? [event.data.name] : []));
  }
}

const CONFIG = triggersConfig.parse({ webhooks: { shop: { secretEnv: 'SHOP_SECRET' } } });
export const SECRET = `whsec_${Buffer.from('a secret of sixteen bytes and more').toString('base64')}`;

export async function startTriggerEngine(definition: string, handler: Handler): Promise<TriggerEngine> {
  const engine = await TriggerEngine.create(handler);
  await engine.register(definition);
  await engine.settle();
  return engine;
}
