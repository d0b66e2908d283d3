import type { JsonObject, JsonValue } from '@tutti/kernel';
import type { ValueStore } from '@tutti/service-kit';
import type { StepPlan } from '../definition/plan.js';
import { stepState } from '../run/run.state.js';
import type { Maybe, Subject } from './run-evaluator.js';

const NOTHING: JsonObject = {};

/** What a step's expressions see beside the run: of a handler `error`, of a step that repeats `iteration` and `last`. */
export function stepExtra(values: ValueStore, { state }: Subject, step: StepPlan): Maybe<JsonObject> {
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
