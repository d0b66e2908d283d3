import type { StoredValue } from '@tutti/contracts';
import { TuttiError } from '@tutti/kernel';
import type { ValueStore } from '@tutti/service-kit';
import { compilePlan } from '../definition/compile-plan.js';
import type { Plan } from '../definition/plan.js';
import type { PlanCatalog } from './plan-catalog.js';

/** What a run goes by, as its start has recorded it. */
interface PlanReference {
  readonly workflow: string;
  readonly workflowVersion: number;
  readonly definitionHash: string;
  readonly block?: string | undefined;
  readonly definition?: StoredValue | undefined;
}

const KEPT = 256;

/** The plan of any run: a registered version, a group of one, or what a step has planned. */
export class RunPlans {
  /** By version and hash of the document; the least recently used leave first. */
  private readonly planned = new Map<string, Plan>();
  private readonly blocks = new WeakMap<Plan, Map<string, Plan>>();

  constructor(
    readonly catalog: PlanCatalog,
    private readonly values: Pick<ValueStore, 'peek' | 'load'>,
  ) {}

  /** @throws TuttiError WORKFLOW_NOT_FOUND, DATA_DAMAGED, or what the blobs say */
  async of(reference: PlanReference): Promise<Plan> {
    const { workflow, workflowVersion, block, definition } = reference;
    const whole =
      definition === undefined ? await this.catalog.recorded(workflow, workflowVersion) : await this.plannedOf(reference, definition);
    return block === undefined ? whole : this.blockOf(whole, block);
  }

  private async plannedOf({ workflow, workflowVersion, definitionHash }: PlanReference, definition: StoredValue): Promise<Plan> {
    const key = `${workflow}@${workflowVersion}/${definitionHash}`;
    const known = this.planned.get(key) ?? { ...(await this.compile(workflow, definition)), version: workflowVersion };
    this.planned.delete(key);
    this.planned.set(key, known);
    for (const oldest of this.planned.keys()) {
      if (this.planned.size <= KEPT) break;
      this.planned.delete(oldest);
    }
    return known;
  }

  private async compile(workflow: string, definition: StoredValue) {
    const document = this.values.peek(definition) ?? (await this.values.load(definition));
    const compiled = compilePlan(document, workflow, null);
    if ('plan' in compiled) return compiled.plan;
    const [problem] = compiled.problems;
    throw new TuttiError(
      'DATA_DAMAGED',
      `a plan that a run of workflow "${workflow}" took up no longer compiles: ${problem?.path ?? ''}: ${problem?.message ?? ''}`,
    );
  }

  private blockOf(whole: Plan, block: string): Plan {
    const known = this.blocks.get(whole) ?? new Map<string, Plan>();
    this.blocks.set(whole, known);
    let plan = known.get(block);
    if (plan === undefined) {
      const found = whole.blocks.get(block);
      if (found === undefined)
        throw new TuttiError('DATA_DAMAGED', `version ${whole.version} of workflow "${whole.name}" has no group "${block}"`);
      plan = { ...found, version: whole.version };
      known.set(block, plan);
    }
    return plan;
  }
}
