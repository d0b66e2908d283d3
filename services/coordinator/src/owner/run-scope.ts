import type { ValueStore } from '@tutti/service-kit';
import type { JsonObject, JsonValue } from '@tutti/kernel';
import type { Plan, StepPlan } from '../definition/plan.js';
import type { Expression } from '../expressions/expression.js';
import type { Scope } from '../expressions/scope.js';
import { stepState, type RunState, type StepState } from '../run/run.state.js';

interface ScopeRequest {
  readonly state: RunState;
  readonly plan: Plan;
  /** Only what these read is put in. */
  readonly expressions: readonly Expression[];
  /** The step whose condition it is, which may ask how its needs ended. */
  readonly step?: StepPlan;
  /** `item`, `index`, `output`. */
  readonly extra?: JsonObject;
}

/** Gathers what the expressions read; large values are loaded from the blobs. */
export async function buildScope(values: ValueStore, { state, plan, expressions, step, extra }: ScopeRequest): Promise<Scope> {
  const data: Record<string, JsonValue> = { ...extra };
  const reads = (root: string): boolean => expressions.some(({ roots }) => roots.has(root));
  if (reads('inputs')) data['inputs'] = values.peek(state.inputs) ?? (await values.load(state.inputs));
  if (reads('run')) data['run'] = { id: state.runId, workflow: plan.name, version: plan.version };
  if (reads('steps')) data['steps'] = await stepsScope(values, state, plan, expressions);
  return { data, outcome: step === undefined ? null : outcomeOf(plan, step, state) };
}

async function stepsScope(values: ValueStore, state: RunState, plan: Plan, expressions: readonly Expression[]): Promise<JsonObject> {
  const named = new Set(expressions.flatMap(({ steps }) => steps));
  const readsAll = expressions.some(({ readsAllSteps }) => readsAllSteps);
  const scope: Record<string, JsonValue> = {};
  for (const id of readsAll ? plan.steps.keys() : named) scope[id] = await stepScope(values, stepState(state, id));
  return scope;
}

async function stepScope(values: ValueStore, step: StepState): Promise<JsonObject> {
  const approvals = Object.fromEntries([...step.decisions].map(([gate, decision]) => [gate, { ...decision }]));
  const { output } = step;
  if (output === null) return { status: step.status, approvals };
  return { status: step.status, approvals, output: values.peek(output) ?? (await values.load(output)) };
}

function outcomeOf(plan: Plan, step: StepPlan, state: RunState): Scope['outcome'] {
  if (step.needs.every((need) => stepState(state, need).status === 'succeeded')) return 'success';
  for (const other of plan.steps.values()) {
    if (other.dependents.has(step.id) && stepState(state, other.id).status === 'failed') return 'failure';
  }
  return 'skipped';
}
