import {
  taskAssignedMessage,
  TASK_ASSIGNED,
  taskTopicView,
  workflowEvents,
  type AgentProfile,
  type AnnouncementAnswer,
  type AttemptOutcome,
  type AttemptRef,
  type RunEvent,
  type StoredValue,
  type WorkerAnnouncement,
} from '@tutti/contracts';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import type { EventStore } from '@tutti/event-store';
import { eventMetadata, newEvent, sha256Hex, type Cancel, type JsonObject, type JsonValue } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { createValueStore, silentLogger, type Tracer, type ValueStore } from '@tutti/service-kit';
import { compileDefinition } from '../definition/compile-definition.js';
import { createEvaluator, type Evaluator } from '../expressions/evaluator.js';
import { EventFollower } from '../inbox/event-follower.js';
import { Permits } from '../limits/permits.js';
import { WorkerPresence } from '../liveness/worker-presence.js';
import type { OwnerLimits } from '../owner/admission.js';
import { SOLE_OWNERSHIP, type Ownership } from '../ownership/ownership.js';
import { RequestResolver } from '../owner/request-resolver.js';
import { runStream } from '../owner/run-loader.js';
import { RunOwner } from '../owner/run-owner.js';
import { Router } from '../routing/router.js';
import { OwnerTaskChannel } from '../tasks/owner-task-channel.js';
import { PlanCatalog } from '../workflow/plan-catalog.js';
import { RunPlans } from '../workflow/run-plans.js';

interface Work {
  readonly runId: string;
  readonly task: string;
  readonly step: string;
  readonly attempt: number;
  readonly input: JsonValue;
  readonly feedback: readonly { readonly gate: string; readonly message: string }[];
}

/** What a test's worker does with a task: a value, a thrown error, or null for "nothing yet". */
export type Handler = (work: Work) => JsonValue | Promise<JsonValue> | undefined;

interface BootOptions {
  readonly holding?: readonly AttemptRef[];
  /** Time for workers of an earlier life to come back. */
  readonly graceMs?: number;
  readonly limits?: Partial<OwnerLimits>;
  /** Where the test stands in for other coordinators. */
  readonly ownership?: Ownership;
  readonly tracer?: Tracer;
}

/** The coordinator's engine on a store in memory, with one worker that answers as the test says. */
export class Engine {
  readonly runtime: ManualRuntime;
  readonly values: ValueStore;
  readonly evaluator: Evaluator;
  readonly executed: Work[] = [];
  owner!: RunOwner;
  router!: Router;
  permits!: Permits;
  presence!: WorkerPresence;
  awaitedEvents!: EventFollower;
  channel!: OwnerTaskChannel;
  plans!: PlanCatalog;
  announced: AnnouncementAnswer | null = null;
  private stopBeating: Cancel = () => {};
  private stopFollowing: (() => Promise<void>) | null = null;

  constructor(
    readonly store: EventStore,
    runtime: ManualRuntime,
    private readonly handler: Handler,
  ) {
    this.runtime = runtime;
    const blobs = new Map<string, Uint8Array>();
    this.values = createValueStore({
      inlineLimitBytes: 64 * 1024,
      blobs: {
        put: async (_, bytes) => Promise.resolve(remember(blobs, bytes)),
        get: async (_, hash) => Promise.resolve(blobs.get(hash) ?? new Uint8Array()),
      },
    });
    this.evaluator = createEvaluator({ runtime: { ...runtime, timers: { after: () => () => undefined, soon: runtime.timers.soon } } });
  }

  /** A coordinator over the store as it is, and one worker. Call again after {@link crash}. */
  async boot(worker: string, agents: readonly AgentProfile[], options: BootOptions = {}): Promise<void> {
    const { holding = [], graceMs = 0, limits = {}, ownership = SOLE_OWNERSHIP, tracer } = options;
    const { store, runtime, values, evaluator } = this;
    this.plans = new PlanCatalog(store);
    await this.plans.start();
    const plans = new RunPlans(this.plans, values);
    this.awaitedEvents = new EventFollower({ store, runtime, logger: silentLogger });
    this.permits = new Permits({ store, runtime, logger: silentLogger, options: { leaseMs: 20_000, batchShare: 0.1 } });
    this.router = new Router({
      ...{ runtime, permits: this.permits, breaker: { failures: 10, coolDownMs: 30_000 } },
      onSeat: (task, assignment) => this.owner.assign(task, assignment),
    });
    const resolver = new RequestResolver({ evaluator, values, router: this.router, clock: runtime.clock, store, plans });
    const onGone = (gone: string, known: WorkerAnnouncement | null) => void this.channel.gone(gone, known);
    this.presence = new WorkerPresence({ runtime, leaseMs: 5_000, graceMs, ownership, onGone });
    this.owner = new RunOwner({
      store,
      presence: this.presence,
      ownership,
      plans,
      values,
      router: this.router,
      permits: this.permits,
      resolver,
      events: this.awaitedEvents,
      runtime,
      logger: silentLogger,
      limits: { maxOpenRuns: 10_000, maxWaitingTasks: 10_000, maxQueuedCommands: 10_000, ...limits },
      ...(tracer === undefined ? {} : { tracer }),
    });
    this.channel = new OwnerTaskChannel({
      ...{ owner: this.owner, router: this.router, presence: this.presence, values, logger: silentLogger, beatMs: 1_000 },
      onDeparted: async () => Promise.resolve(),
    });
    this.presence.expectWorkers();
    this.announced = await this.channel.announce({ worker, pool: 'default', agents, holding });
    this.beat(worker);
    await this.follow(worker);
  }

  /** The worker is stopped: it gives no more signs of life until it is booted or announced anew. */
  silence(): void {
    this.stopBeating();
  }

  /** Forgets everything that is not in the store. */
  async crash(): Promise<void> {
    await this.stopFollowing?.();
    this.stopBeating();
    this.presence.close();
    await this.owner.close();
    await this.awaitedEvents.close();
    await this.permits.abandon();
    await this.plans.stop();
  }

  async close(): Promise<void> {
    await this.crash();
    await this.evaluator.close();
  }

  async register(source: string): Promise<void> {
    const compiled = compileDefinition(source);
    if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
    const { name, description } = compiled.definition;
    const data = {
      name,
      version: 1,
      description,
      hash: compiled.plan.hash,
      definition: compiled.document,
      source,
      registeredBy: 'user:test',
    };
    const event = newEvent(
      this.runtime.ids.next(),
      workflowEvents.WorkflowVersionRegistered,
      data,
      eventMetadata({ correlationId: name, actor: 'user:test' }),
    );
    await this.store.append(`workflow-${name}`, [event], 'no-stream');
    await this.plans.refresh(name);
  }

  async start(workflow: string, inputs: JsonObject, runId = 'r1'): Promise<string> {
    const plan = this.plans.plan(workflow, 0);
    const request = {
      workflow,
      workflowVersion: plan.version,
      definitionHash: plan.hash,
      labels: {},
      idempotencyKey: null,
      requestHash: sha256Hex(runId),
      actor: 'user:test',
    };
    await this.owner.start(plan, { type: 'StartRun', runId, inputs: await this.values.store(inputs), ...request }, { actor: 'user:test' });
    return runId;
  }

  async events(runId = 'r1'): Promise<readonly RunEvent[]> {
    const events: RunEvent[] = [];
    for await (const event of this.store.readStream(runStream(runId))) events.push(event as unknown as RunEvent);
    return events;
  }

  /** Waits until the run has such an event; fails with what it has instead. */
  async until(type: RunEvent['type'], runId = 'r1', count = 1): Promise<RunEvent> {
    for (let turn = 0; turn < 200_000; turn++) {
      const found = (await this.events(runId)).filter((event) => event.type === type);
      if (found.length >= count) return found[count - 1] as RunEvent;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error(`run ${runId} has no ${type}; it has ${(await this.events(runId)).map((event) => event.type).join(', ')}`);
  }

  async outputs(runId = 'r1'): Promise<JsonValue> {
    const ended = await this.until('RunSucceeded', runId);
    return this.values.load((ended.data as { outputs: StoredValue }).outputs);
  }

  private beat(worker: string): void {
    this.stopBeating = this.runtime.timers.after(1_000, () => {
      void this.channel.beat(worker, { silent: [] });
      this.beat(worker);
    });
  }

  private async follow(worker: string): Promise<void> {
    const view = taskTopicView('default');
    const subscription = this.store.subscribe({
      after: await this.store.head(),
      filter: view.filter,
      onBatch: (events) => {
        for (const message of events.flatMap(view.messages)) {
          if (message.member === worker && message.type === TASK_ASSIGNED) void this.work(worker, message.payload);
        }
      },
    });
    this.stopFollowing = () => subscription.close();
  }

  private async work(worker: string, payload: JsonValue): Promise<void> {
    const { runId, task, step, attempt } = taskAssignedMessage.parse(payload);
    const { channel } = this;
    const claim = await channel.claim(worker, { runId, task, attempt });
    if (claim.verdict !== 'go') return;
    const work = { runId, task, step, attempt, input: await this.values.load(claim.input), feedback: claim.feedback };
    this.executed.push(work);
    const outcome = await this.attempt(work);
    if (outcome !== null) await this.report(worker, work, outcome);
  }

  /** Until it is durable: the result is the worker's until then. */
  private async report(worker: string, { runId, task, attempt }: Work, outcome: AttemptOutcome): Promise<void> {
    const { channel } = this;
    for (let tries = 0; tries < 1_000 && channel === this.channel; tries++) {
      const done = await channel.report(worker, { runId, task, attempt }, outcome).then(
        () => true,
        () => false,
      );
      if (done) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private async attempt(work: Work): Promise<AttemptOutcome | null> {
    try {
      const output = await this.handler(work);
      return output === undefined ? null : { outcome: 'succeeded', output: await this.values.store(output), durationMs: 1 };
    } catch (error) {
      const retryable = !(error instanceof RangeError);
      return { outcome: 'failed', error: { code: 'AGENT_FAILED', message: String(error), retryable }, durationMs: 1 };
    }
  }
}

export async function startEngine(
  definition: string,
  handler: Handler,
  agents: readonly AgentProfile[] = [agent('worker', ['work'])],
  wrap: (store: EventStore) => EventStore = (store) => store,
): Promise<Engine> {
  const runtime = createManualRuntime();
  const engine = new Engine(wrap(createInMemoryEventStore(runtime)), runtime, handler);
  await engine.boot('w1', agents);
  await engine.register(definition);
  return engine;
}

export function agent(name: string, capabilities: readonly string[], concurrency = 100): AgentProfile {
  return {
    ...{ name, version: '1.0.0', description: '', role: '', capabilities, specialisations: [], prompt: '', model: '', tools: [] },
    ...{ limits: { concurrency, timeoutMs: 0 }, kind: 'class', metadata: {} },
  };
}

function remember(blobs: Map<string, Uint8Array>, bytes: Uint8Array): string {
  const hash = sha256Hex(bytes);
  blobs.set(hash, bytes);
  return hash;
}
