import { childIdOf, type StoredValue } from '@tutti/contracts';
import { assertNever, isJsonObject, sha256Hex, TuttiError, type Clock, type JsonObject } from '@tutti/kernel';
import { describePlanProblems, planProblems } from '../definition/plan-problems.js';
import { checkInputs } from '../definition/check-inputs.js';
import { fillDefaults } from '../definition/fill-defaults.js';
import type { ChildBody, ChildSource, Plan } from '../definition/plan.js';
import { compilePlan } from '../definition/compile-plan.js';
import type { BegunWork, Resolution } from '../run/run.commands.js';
import type { RunState } from '../run/run.state.js';
import { stepState } from '../run/run.step-state.js';
import { taskId } from '../run/task-id.js';
import type { RunPlans } from '../workflow/run-plans.js';
import type { Unit } from './resolve-task.js';
import { startValues } from './start-values.js';
import { describeType, type RunEvaluator, type Subject } from './run-evaluator.js';

/** Runs below one another, not counting the one that was started from outside. */
const MAX_CHILD_DEPTH = 10;
/** Of all variables that a child starts with; they are copied into an event. */
const MAX_VARIABLE_BYTES = 256 * 1024;

type ChildStart = Extract<BegunWork['begins'], { readonly kind: 'child' }>['started'];
type ChildPlan = Omit<ChildStart, 'runId' | 'inputs' | 'detached'>;

/** Finds out which run does a step's work, and with which inputs. */
export class ChildResolver {
  constructor(
    private readonly evaluator: RunEvaluator,
    private readonly plans: RunPlans,
    private readonly clock: Clock,
  ) {}

  /** @throws TuttiError CHILDREN_TOO_DEEP, INPUT_INVALID, WORKFLOW_NOT_FOUND, DEFINITION_INVALID, EXPRESSION_FAILED, PAYLOAD_TOO_LARGE */
  async resolve(subject: Subject, unit: Unit<ChildBody>): Promise<Resolution> {
    const { step, work, index, branch } = unit;
    refuseTooDeep(subject.state, step.id);
    const runId = childId(subject.state, step.id, index);
    const target = work.source.kind === 'workflow' ? await this.targetOf(subject, work.source, runId) : null;
    const inputs = fillDefaults(target?.inputs ?? null, await this.inputs(subject, unit));
    const plan = target === null ? await this.planOf(subject, unit) : await this.workflow(subject, target, inputs);
    const detached = work.source.kind === 'workflow' && work.source.detach;
    return {
      ...{ kind: 'begin', step: step.id, index, branch },
      deadlineMs: work.timeoutMs === null ? null : this.clock.now() + work.timeoutMs,
      begins: { kind: 'child', started: { runId, ...plan, inputs: await this.evaluator.values.store(inputs), detached } },
    };
  }

  private async inputs(subject: Subject, { step, work, extra }: Unit<ChildBody>): Promise<JsonObject> {
    const filled = (await this.evaluator.fill(subject, work.input, extra)) ?? {};
    if (!isJsonObject(filled))
      throw new TuttiError('EXPRESSION_FAILED', `with of step "${step.id}" gave ${describeType(filled)}; expected an object`);
    return work.inherits ? { ...filled, ...extra } : filled;
  }

  private targetOf({ state }: Subject, { name, version }: Extract<ChildSource, { kind: 'workflow' }>, runId: string): Promise<Plan> {
    return this.plans.catalog.recordedPlanFor(name, version ?? 0, { runId, labels: state.labels });
  }

  private async planOf(subject: Subject, unit: Unit<ChildBody>): Promise<ChildPlan> {
    const { source } = unit.work;
    switch (source.kind) {
      case 'workflow':
        throw new TuttiError('INTERNAL', `workflow "${source.name}" is no part of its caller's plan`);
      case 'group': {
        const { plan, state } = subject;
        const own = { workflow: plan.name, workflowVersion: plan.version, definitionHash: plan.hash, block: source.block };
        return { ...own, ...(state.definition === null ? {} : { definition: state.definition }), ...variablesOf(state) };
      }
      case 'plan':
        return this.planned(subject, unit, source);
      default:
        return assertNever(source, 'source of a child run');
    }
  }

  private async workflow({ state }: Subject, plan: Plan, inputs: JsonObject): Promise<ChildPlan> {
    checkInputs(plan, inputs);
    const own = { workflow: plan.name, workflowVersion: plan.version, definitionHash: plan.hash };
    if (plan.variables === null && plan.labels === null) return own;
    const stored = await this.evaluator.values.store(inputs);
    return { ...own, ...(await startValues(this.evaluator, { plan, inputs: stored, labels: state.labels })) };
  }

  private async planned(
    subject: Subject,
    { step, extra }: Unit<ChildBody>,
    source: Extract<ChildSource, { kind: 'plan' }>,
  ): Promise<ChildPlan> {
    const { plan, state } = subject;
    const value = (await this.evaluator.value(subject, source.from, extra)) ?? null;
    const compiled = compilePlan(value, plan.name, source);
    if ('problems' in compiled) {
      const message = `the plan that step "${step.id}" was given: ${describePlanProblems(compiled.problems)}`;
      throw new TuttiError('DEFINITION_INVALID', message, { details: { problems: planProblems(compiled.problems) } });
    }
    const definition = await this.evaluator.values.store(value);
    const own = { workflow: plan.name, workflowVersion: plan.version, definitionHash: compiled.plan.hash, definition };
    return { ...own, ...variablesOf(state) };
  }
}

function refuseTooDeep({ runId, parent }: RunState, step: string): void {
  const depth = parent?.depth ?? 0;
  if (depth < MAX_CHILD_DEPTH) return;
  const message = `step "${step}" of run ${runId} would start a child run ${depth + 1} levels down; at most ${MAX_CHILD_DEPTH} are taken: does a workflow run itself without end?`;
  throw new TuttiError('CHILDREN_TOO_DEEP', message);
}

/** The same for ever for one attempt of one task, so that it is started once. */
function childId(state: RunState, step: string, index: number | null): string {
  const task = taskId(step, index, stepState(state, step).visit);
  const attempt = (state.tasks.get(task)?.attempt ?? 0) + 1;
  return childIdOf(state.runId, sha256Hex(`${state.runId}\n${task}\n${attempt}`).slice(0, 16));
}

/** A group and a plan start with a copy of what the run's variables are now. */
function variablesOf({ runId, variables }: RunState): { readonly variables?: Readonly<Record<string, StoredValue>> } {
  if (variables.size === 0) return {};
  const copy = Object.fromEntries(variables);
  const bytes = Buffer.byteLength(JSON.stringify(copy));
  if (bytes <= MAX_VARIABLE_BYTES) return { variables: copy };
  throw new TuttiError(
    'PAYLOAD_TOO_LARGE',
    `the variables of run ${runId} have ${bytes} bytes; a child run takes at most ${MAX_VARIABLE_BYTES}`,
  );
}
