import { upcast, type WorkflowEvent, type WorkflowVersionRegistered } from '@tutti/contracts';
import type { EventStore, EventSubscription } from '@tutti/event-store';
import { isTuttiError, TuttiError, type JsonObject, type RecordedEvent } from '@tutti/kernel';
import { compileOnce } from '../definition/compile-once.js';
import type { Plan } from '../definition/plan.js';
import { chooseVersion, type RunToCome } from './rollout.js';
import { drained } from './workflow.decider.js';
import { evolveWorkflow, NO_VERSIONS, type WorkflowState } from './workflow.state.js';

interface KnownWorkflow {
  /** Of the newest event that was taken. */
  revision: number;
  state: WorkflowState;
  /** The first is version 1. */
  readonly versions: WorkflowVersionRegistered[];
}

/** Every version of every workflow, ready to run. Follows the store; versions are compiled when first asked for. */
export class PlanCatalog {
  private readonly workflows = new Map<string, KnownWorkflow>();
  private readonly plans = new Map<string, Plan>();
  private subscription: EventSubscription | null = null;

  constructor(private readonly store: EventStore) {}

  /** Resolves when everything registered so far is known. */
  async start(): Promise<void> {
    const head = await this.store.head();
    await new Promise<void>((resolve, reject) => {
      const subscription = this.store.subscribe({
        after: -1,
        filter: { categories: ['workflow'] },
        onBatch: (events, reached) => {
          events.forEach((event) => this.take(event));
          if (reached >= head) resolve();
        },
      });
      this.subscription = subscription;
      subscription.ended.catch(reject);
      if (head < 0) resolve();
    });
  }

  async stop(): Promise<void> {
    await this.subscription?.close();
  }

  /** Makes known what was appended just now, without waiting for the subscription. */
  async refresh(name: string): Promise<void> {
    const from = (this.workflows.get(name)?.revision ?? -1) + 1;
    for await (const event of this.store.readStream(`workflow-${name}`, { from })) this.take(event);
  }

  /** One that the store holds, though this catalog may not have heard of it yet. @throws TuttiError WORKFLOW_NOT_FOUND */
  async recorded(name: string, version: number): Promise<Plan> {
    if (this.workflows.get(name)?.versions[version - 1] === undefined) await this.refresh(name);
    return this.plan(name, version);
  }

  private take(recorded: RecordedEvent): void {
    const event = upcast(recorded) as unknown as WorkflowEvent;
    const { name } = event.data;
    const known = this.workflows.get(name) ?? { revision: -1, state: NO_VERSIONS, versions: [] };
    if (recorded.revision <= known.revision) return;
    known.revision = recorded.revision;
    known.state = evolveWorkflow(known.state, event);
    if (event.type === 'WorkflowVersionRegistered') known.versions.push(event.data);
    this.workflows.set(name, known);
  }

  /**
   * @param version 0 for the newest
   * @throws TuttiError WORKFLOW_NOT_FOUND
   */
  plan(name: string, version: number): Plan {
    const found = this.registered(name, version);
    const key = `${name}@${found.version}`;
    const plan = this.plans.get(key) ?? compileRegistered(found);
    this.plans.set(key, plan);
    return plan;
  }

  /**
   * What a new run goes by.
   *
   * @param version 0 for the one that the workflow's rollout gives it
   * @throws TuttiError WORKFLOW_NOT_FOUND, WORKFLOW_VERSION_DRAINED
   */
  planFor(name: string, version: number, run: RunToCome): Plan {
    const state = this.stateOf(name);
    if (state.drained.has(version)) throw drained(name, version, 'name another, or none');
    return this.plan(name, version === 0 && state.version > 0 ? chooseVersion(name, state, run) : version);
  }

  /** As {@link planFor}, also for what another coordinator registered a moment ago. @throws TuttiError WORKFLOW_NOT_FOUND, WORKFLOW_VERSION_DRAINED */
  async recordedPlanFor(name: string, version: number, run: RunToCome): Promise<Plan> {
    try {
      return this.planFor(name, version, run);
    } catch (error) {
      if (!isTuttiError(error, 'WORKFLOW_NOT_FOUND')) throw error;
    }
    await this.refresh(name);
    return this.planFor(name, version, run);
  }

  /** Rollout and drained versions; of a workflow that there is not, those of one without versions. */
  stateOf(name: string): WorkflowState {
    return this.workflows.get(name)?.state ?? NO_VERSIONS;
  }

  /** @param version 0 for the newest. @throws TuttiError WORKFLOW_NOT_FOUND */
  registered(name: string, version: number): WorkflowVersionRegistered {
    const known = this.workflows.get(name)?.versions ?? [];
    const found = version === 0 ? known.at(-1) : known[version - 1];
    if (found === undefined) throw this.notFound(name, version, known.length);
    return found;
  }

  /** Schema of what every start without a version must give, as far as it is known; undefined where versions or rules leave it open. */
  inputsOf(name: string, version: number | undefined): JsonObject | undefined {
    if (version === undefined && this.stateOf(name).rules.length > 0) return undefined;
    const known = this.workflows.get(name)?.versions ?? [];
    const found = version === undefined ? known.at(-1) : known[version - 1];
    return found?.definition['inputs'] as JsonObject | undefined;
  }

  private notFound(name: string, version: number, known: number): TuttiError {
    if (known > 0) return new TuttiError('WORKFLOW_NOT_FOUND', `workflow "${name}" has no version ${version}; it has 1 to ${known}`);
    const names = [...this.workflows.keys()].sort().join(', ');
    return new TuttiError('WORKFLOW_NOT_FOUND', `there is no workflow "${name}"; registered are: ${names === '' ? 'none' : names}`);
  }
}

function compileRegistered(registered: WorkflowVersionRegistered): Plan {
  const compiled = compileOnce(registered.source);
  if ('problems' in compiled) {
    const [problem] = compiled.problems;
    throw new TuttiError(
      'DATA_DAMAGED',
      `version ${registered.version} of workflow "${registered.name}" no longer compiles: line ${problem?.line ?? 0}: ${problem?.message ?? ''}`,
    );
  }
  return { ...compiled.plan, version: registered.version };
}
