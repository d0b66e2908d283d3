import type { JsonObject, JsonValue } from '@tutti/kernel';
import type { ValueStore } from '@tutti/service-kit';
import type { StepPlan } from '../definition/plan.js';
import type { RunState } from '../run/run.state.js';
import { servedStep, stepState } from '../run/run.step-state.js';
import type { Maybe, Subject } from './run-evaluator.js';
import { endingError, undoExtra, undoneBy } from './undo-extra.js';

const NOTHING: JsonObject = {};

/** What a step's expressions see beside the run: of a handler `error`, of a step that repeats `iteration` and `last`. */
export function stepExtra(values: ValueStore, { state }: Subject, step: StepPlan, item: JsonObject): Maybe<JsonObject> {
  if (state.inner.size > 0 && state.inner.has(step.id)) return innerExtra(values, state, step.id, item);
  const { caught, iteration, last } = stepState(state, step.id);
  if (caught !== null) {
    const { code, message, details = null } = caught.error;
    return { error: { code, message, details, step: step.id } };
  }
  if (step.repeat === null) return NOTHING;
  if (last === null) return { iteration };
  const value = values.peek(last);
  return value === undefined ? values.load(last).then((loaded: JsonValue) => ({ iteration, last: loaded })) : { iteration, last: value };
}

function innerExtra(values: ValueStore, state: RunState, inner: string, item: JsonObject): Maybe<JsonObject> {
  const served = servedStep(inner);
  if (served !== inner) return gateExtra(values, state, served, item);
  const undone = undoneBy(state, inner);
  return undone === null ? { error: endingError(state) } : undoExtra(values, state, undone, item['item']);
}

/** What does a gate's work sees the output that is judged; a judge of a panel also which one it is. */
function gateExtra(values: ValueStore, state: RunState, served: string, item: JsonObject): Maybe<JsonObject> {
  const { output } = stepState(state, served);
  if (output === null) return item;
  const value = values.peek(output);
  return value === undefined ? values.load(output).then((loaded: JsonValue) => ({ ...item, output: loaded })) : { ...item, output: value };
}
