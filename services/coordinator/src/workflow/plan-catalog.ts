import { upcast, type WorkflowEvent } from '@tutti/contracts';
import type { EventStore, EventSubscription } from '@tutti/event-store';
import { TuttiError, type RecordedEvent } from '@tutti/kernel';
import { compileOnce } from '../definition/compile-once.js';
import type { Plan } from '../definition/plan.js';

type Registered = Extract<WorkflowEvent, { type: 'WorkflowVersionRegistered' }>['data'];

/** Every version of every workflow, ready to run. Follows the store; versions are compiled when first asked for. */
export class PlanCatalog {
  private readonly versions = new Map<string, Registered[]>();
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
    for await (const event of this.store.readStream(`workflow-${name}`, { from: this.versions.get(name)?.length ?? 0 })) this.take(event);
  }

  /** One that the store holds, though this catalog may not have heard of it yet. @throws TuttiError WORKFLOW_NOT_FOUND */
  async recorded(name: string, version: number): Promise<Plan> {
    if (this.versions.get(name)?.some((known) => known.version === version) !== true) await this.refresh(name);
    return this.plan(name, version);
  }

  private take(event: RecordedEvent): void {
    const { data } = upcast(event) as unknown as { readonly data: Registered };
    const known = this.versions.get(data.name) ?? [];
    if (known.some(({ version }) => version === data.version)) return;
    this.versions.set(data.name, [...known, data]);
  }

  /**
   * @param version 0 for the newest
   * @throws TuttiError WORKFLOW_NOT_FOUND
   */
  plan(name: string, version: number): Plan {
    const known = this.versions.get(name) ?? [];
    const found = version === 0 ? known.at(-1) : known.find((candidate) => candidate.version === version);
    if (found === undefined) throw this.notFound(name, version, known.length);
    const key = `${name}@${found.version}`;
    const plan = this.plans.get(key) ?? compileRegistered(found);
    this.plans.set(key, plan);
    return plan;
  }

  private notFound(name: string, version: number, known: number): TuttiError {
    if (known > 0) return new TuttiError('WORKFLOW_NOT_FOUND', `workflow "${name}" has no version ${version}; it has 1 to ${known}`);
    const names = [...this.versions.keys()].sort().join(', ');
    return new TuttiError('WORKFLOW_NOT_FOUND', `there is no workflow "${name}"; registered are: ${names === '' ? 'none' : names}`);
  }
}

function compileRegistered(registered: Registered): Plan {
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
