import type { StoredValue } from '@tutti/contracts';
import { TuttiError, type JsonObject, type JsonValue } from '@tutti/kernel';
import type { ValueStore } from '@tutti/service-kit';
import type { Plan, StepPlan } from '../definition/plan.js';
import type { Expression } from '../expressions/expression.js';
import type { Scope } from '../expressions/scope.js';
import type { RunState, StepState } from '../run/run.state.js';
import { stepState } from '../run/run.step-state.js';

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

/** Gathers what the expressions read; undefined when a large value has to be loaded from the blobs first. */
export function peekScope(values: Pick<ValueStore, 'peek'>, { state, plan, expressions, step, extra }: ScopeRequest): Scope | undefined {
  const data: Record<string, JsonValue> = { ...extra };
  const reads = (root: string): boolean => expressions.some(({ roots }) => roots.has(root));
  if (reads('inputs')) {
    const inputs = values.peek(state.inputs);
    if (inputs === undefined) return undefined;
    data['inputs'] = inputs;
  }
  if (reads('run')) data['run'] = { id: state.runId, workflow: plan.name, version: plan.version };
  if (reads('labels')) data['labels'] = { ...state.labels };
  if (reads('variables')) {
    const variables: Record<string, JsonValue> = {};
    for (const [name, stored] of state.variables) {
      const value = values.peek(stored);
      if (value === undefined) return undefined;
      variables[name] = value;
    }
    data['variables'] = variables;
  }
  if (reads('steps')) {
    const steps: Record<string, JsonValue> = {};
    for (const id of stepsRead(plan, expressions)) {
      const scope = stepScope(values, stepState(state, id));
      if (scope === undefined) return undefined;
      steps[id] = scope;
    }
    data['steps'] = steps;
  }
  return { data, outcome: step === undefined ? null : outcomeOf(plan, step, state) };
}

/** As {@link peekScope}, with large values loaded. */
export async function buildScope(values: ValueStore, request: ScopeRequest): Promise<Scope> {
  const found = peekScope(values, request);
  if (found !== undefined) return found;
  // The cache behind `peek` may be too small for all of them at once.
  const loaded = new Map<StoredValue, JsonValue>();
  for (const value of valuesRead(request)) loaded.set(value, values.peek(value) ?? (await values.load(value)));
  const scope = peekScope({ peek: (value) => loaded.get(value) }, request);
  if (scope === undefined) throw new TuttiError('INTERNAL', `run ${request.state.runId} changed while its values were loaded`);
  return scope;
}

function valuesRead({ state, plan, expressions }: ScopeRequest): readonly StoredValue[] {
  const outputs = stepsRead(plan, expressions).map((id) => stepState(state, id).output);
  return [state.inputs, ...state.variables.values(), ...outputs.filter((output) => output !== null)];
}

function stepsRead(plan: Plan, expressions: readonly Expression[]): readonly string[] {
  if (expressions.some(({ readsAllSteps }) => readsAllSteps)) return [...plan.steps.keys()];
  return [...new Set(expressions.flatMap(({ steps }) => steps))];
}

function stepScope(values: Pick<ValueStore, 'peek'>, step: StepState): JsonObject | undefined {
  const approvals = Object.fromEntries([...step.decisions].map(([gate, decision]) => [gate, { ...decision }]));
  const { output } = step;
  if (output === null) return { status: step.status, approvals };
  const value = values.peek(output);
  return value === undefined ? undefined : { status: step.status, approvals, output: value };
}

function outcomeOf(plan: Plan, step: StepPlan, state: RunState): Scope['outcome'] {
  if (step.needs.every((need) => stepState(state, need).status === 'succeeded')) return 'success';
  for (const other of plan.steps.values()) {
    if (other.dependents.has(step.id) && stepState(state, other.id).status === 'failed') return 'failure';
  }
  return 'skipped';
}
