import 'reflect-metadata';
import type { EventService, ScheduleService, WorkflowService } from '@tutti/contracts';
import { isTuttiError, TuttiError, type JsonObject, type JsonValue, type RecordedEvent } from '@tutti/kernel';
import { EVENT_SERVICE, SCHEDULE_SERVICE } from '@tutti/service-kit';
import type { Duration, TypedWorkflow } from '@tutti/workflow-sdk';
import { RunStories } from './run-stories.js';
import type { AgentCall, Failure, TestAgents } from './test-agent.js';
import { FakeAgents, millisecondsOf } from './fake-agents.js';
import { TestRun } from './test-run.js';
import { World } from './world.js';

/** A workflow of the builder, a YAML or JSON text, or a document. */
export type TestWorkflow = TypedWorkflow | string | JsonObject;

export interface TestKitOptions {
  /** Registered in this order: a workflow that another runs stands before it. */
  readonly workflows?: readonly TestWorkflow[];
  readonly agents?: TestAgents;
  /** Decides what is left to chance: how long things take by a few milliseconds, and what order they come in. The same seed does the same. Default 1. */
  readonly seed?: number;
  /** When the test begins. Default: 2026-01-01T00:00:00Z. */
  readonly startAt?: Date;
  /** Gets a line for whatever happens. */
  readonly trace?: (line: string) => void;
}

export interface StartOptions {
  readonly version?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly idempotencyKey?: string;
  /** Default: `user:tester`. */
  readonly by?: string;
}

/** Inputs may be left out where none are required. */
type StartArguments<Inputs> = object extends Inputs
  ? [inputs?: Inputs & object, options?: StartOptions]
  : [inputs: Inputs & object, options?: StartOptions];

export interface OutsideEventOptions {
  readonly type: string;
  readonly data?: JsonValue;
  /** Default: `/test`. */
  readonly source?: string;
  readonly subject?: string;
  /** Default: a new one. */
  readonly id?: string;
}

const TESTER = 'user:tester';
const FIRST_START = Date.UTC(2026, 0, 1);

/**
 * The whole system in one simulated process: real engine, simulated time, disk and network, agents that do what the test says. Uses no timers of the
 * test's framework, so it works in any, and two kits know nothing of each other.
 *
 * @throws TuttiError DEFINITION_INVALID with every problem of a workflow
 */
export async function createTestKit(options: TestKitOptions = {}): Promise<TestKit> {
  const kit = new TestKit(options);
  for (const workflow of options.workflows ?? []) await kit.register(workflow);
  return kit;
}

export class TestKit {
  private readonly world: World;
  private readonly agents: FakeAgents;
  private readonly stories = new RunStories();
  private eventsUntilCrash = Infinity;
  private published = 0;

  /** @internal see {@link createTestKit} */
  constructor({ agents = {}, seed = 1, startAt, trace }: TestKitOptions) {
    this.agents = new FakeAgents(agents, () => this.world.now);
    this.world = new World({
      ...{ seed, agents: this.agents, trace: trace ?? null },
      startAt: startAt ?? new Date(FIRST_START),
      onCommitted: (events) => this.committed(events),
    });
  }

  /** Simulated time. */
  get now(): Date {
    return this.world.now;
  }

  /** The log of the whole system. */
  get events(): readonly RecordedEvent[] {
    return this.world.log;
  }

  /** @throws TuttiError DEFINITION_INVALID with every problem */
  async register(workflow: TestWorkflow): Promise<{ readonly version: number; readonly hash: string; readonly created: boolean }> {
    const source = sourceOf(workflow);
    try {
      const answer = await this.world.call(({ workflows }) => workflows.registerWorkflow(registration(source)));
      return { version: answer.workflow?.version ?? 0, hash: answer.workflow?.hash ?? '', created: answer.created };
    } catch (error) {
      if (!isTuttiError(error, 'DEFINITION_INVALID')) throw error;
      throw new TuttiError('DEFINITION_INVALID', `${error.message}\n${JSON.stringify(error.details, null, 2)}\nin:\n${source}`, {
        cause: error,
      });
    }
  }

  /** @throws TuttiError INPUT_INVALID, WORKFLOW_NOT_FOUND and what else a start can be refused with */
  async start<Inputs, Outputs>(
    workflow: string | TypedWorkflow<Inputs, Outputs>,
    ...[inputs, { version = 0, labels = {}, idempotencyKey = '', by = TESTER } = {}]: StartArguments<NoInfer<Inputs>>
  ): Promise<TestRun<Outputs>> {
    const name = typeof workflow === 'string' ? workflow : workflow.name;
    const { runId } = await this.world.call(({ runs }) =>
      runs.startRun({
        ...{ workflow: name, workflowVersion: version, inputs: inputs ?? {}, labels: { ...labels } },
        ...{ idempotencyKey, actor: by, traceparent: '' },
      }),
    );
    return this.run(runId);
  }

  /** A run that something else has started: a schedule, a trigger, another run. */
  run<Outputs = JsonValue>(runId: string): TestRun<Outputs> {
    return new TestRun<Outputs>({ world: this.world, stories: this.stories, agents: this.agents }, runId);
  }

  /** Runs of a workflow, in the order of their start. */
  runs(workflow: string): readonly TestRun[] {
    return this.world.log
      .filter(({ type, data }) => type === 'RunStarted' && data['workflow'] === workflow)
      .map(({ stream }) => this.run(stream.slice('run-'.length)));
  }

  /** Lets so much time pass, with all that is due in it. */
  advance(time: Duration): Promise<void> {
    return this.world.advance(millisecondsOf(time));
  }

  /** Lets things happen until it is so. @throws TuttiError TIMED_OUT */
  async until(isTrue: () => boolean, { within = '60d' }: { readonly within?: Duration } = {}): Promise<void> {
    if (await this.world.until(isTrue, millisecondsOf(within))) return;
    throw new TuttiError('TIMED_OUT', `what was waited for did not happen by ${this.world.describeTime()}`);
  }

  /** The next attempts of agents with the capability fail. */
  fail(capability: string, failure: Failure = {}): void {
    this.agents.fail(capability, failure);
  }

  /** The whole system ends in the middle of what it does, and starts again on its disk: what was durable is there, nothing else. */
  crash({ downFor = '0s' }: { readonly downFor?: Duration } = {}): Promise<void> {
    return this.world.crash(millisecondsOf(downFor));
  }

  /** It crashes right after so many more events are recorded, which is where the bugs are: try every number. */
  crashAfter(events: number): void {
    this.eventsUntilCrash = events;
  }

  /** Every attempt that reached an agent. */
  calls(capability?: string): readonly AgentCall[] {
    return this.agents.calls.filter((call) => (capability ?? call.capability) === call.capability);
  }

  /** Something happens outside: triggers and waiting steps hear of it. */
  async publishEvent({ type, data = null, source = '/test', subject = '', id }: OutsideEventOptions): Promise<void> {
    const event = { id: id ?? `event-${++this.published}`, source, type, subject, time: '', dataContentType: '', data };
    await this.world.call(({ contract }) =>
      contract<EventService>(EVENT_SERVICE).publishEvent({ ...event, extensions: {}, actor: TESTER, traceparent: '' }),
    );
  }

  /** Any contract of the system, as `tutti` and the API use them. Its calls are answered while simulated time goes on. */
  ask<Answer>(
    ask: (contracts: {
      readonly workflows: WorkflowService;
      readonly schedules: () => ScheduleService;
      readonly runs: Parameters<Parameters<World['call']>[0]>[0]['runs'];
    }) => Promise<Answer>,
  ): Promise<Answer> {
    return this.world.call(({ workflows, runs, contract }) =>
      ask({ workflows, runs, schedules: () => contract<ScheduleService>(SCHEDULE_SERVICE) }),
    );
  }

  private committed(events: readonly RecordedEvent[]): void {
    this.stories.take(events);
    this.eventsUntilCrash -= events.length;
    if (this.eventsUntilCrash > 0) return;
    this.eventsUntilCrash = Infinity;
    this.world.crashSoon();
  }
}

function sourceOf(workflow: TestWorkflow): string {
  if (typeof workflow === 'string') return workflow;
  const { document } = workflow as Partial<TypedWorkflow>;
  // A plain document may have no member called so.
  return JSON.stringify(document ?? workflow, null, 2);
}

function registration(source: string): Parameters<WorkflowService['registerWorkflow']>[0] {
  return { source, actor: TESTER };
}
