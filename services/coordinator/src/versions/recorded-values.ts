import type { StoredValue } from '@tutti/contracts';
import type { JsonValue } from '@tutti/kernel';
import type { ValueStore } from '@tutti/service-kit';
import type { StepPlan } from '../definition/plan.js';
import { describeProblems, type SchemaProblem } from '../definition/json-schema.js';
import type { RunState } from '../run/run.state.js';
import { outputsToCheck, type Migration } from './migration.js';

export interface CheckedValues {
  readonly problems: readonly string[];
  /** The outputs that were looked at, by their steps. */
  readonly checked: ReadonlyMap<string, StoredValue>;
}

/** Holds what the run has recorded, its inputs and the outputs of steps that have succeeded, against the new version's schemas. */
export async function checkRecordedValues(values: Pick<ValueStore, 'load'>, state: RunState, migration: Migration): Promise<CheckedValues> {
  const { plan } = migration.to;
  const checked = outputsToCheck(state, migration);
  const problems: string[] = [];
  if (plan.inputs !== null) {
    const found = plan.inputs.check(await values.load(state.inputs));
    if (found.length > 0) problems.push(`its inputs do not match the schema of version ${plan.version}: ${describeProblems(found)}`);
  }
  for (const [id, output] of checked) {
    const step = plan.steps.get(id);
    const found = step === undefined ? [] : problemsOfOutput(step, await values.load(output));
    if (found.length > 0)
      problems.push(`the output of step "${id}" does not match the schema of version ${plan.version}: ${describeProblems(found)}`);
  }
  return { problems, checked };
}

/** A fan-out's schema is that of each of its outputs. */
function problemsOfOutput({ output, forEach }: StepPlan, value: JsonValue): readonly SchemaProblem[] {
  if (output === null) return [];
  if (forEach === null || !Array.isArray(value)) return output.check(value);
  return (value as readonly JsonValue[]).flatMap((item, index) =>
    output.check(item).map(({ path, message }) => ({ path: `/${index}${path}`, message })),
  );
}
