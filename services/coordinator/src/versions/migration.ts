import type { StoredValue } from '@tutti/contracts';
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from '@tutti/kernel';
import type { Plan } from '../definition/plan.js';
import { isOpen, type RunState, type StepState } from '../run/run.state.js';
import { hasBegun, hasEnded } from '../run/run.step-state.js';

/** A version of a workflow, made ready and as it was written. */
export interface DefinedVersion {
  readonly plan: Plan;
  readonly definition: JsonObject;
}

export interface Migration {
  readonly from: DefinedVersion;
  readonly to: DefinedVersion;
  /** Old name → new name, of steps that have ended. */
  readonly mapping: Readonly<Record<string, string>>;
}

export interface MigrationOutlook {
  /** Everything that speaks against it; empty when it can be done. */
  readonly problems: readonly string[];
  /** Steps that the run gets. */
  readonly added: readonly string[];
  /** Steps that have not begun and are gone. */
  readonly dropped: readonly string[];
}

/** What does not decide how a step goes on once it has begun. */
const IRRELEVANT: ReadonlySet<string> = new Set(['name', 'description', 'if', 'compensate']);

/**
 * Holds a run as it is against another version of its workflow. Values are looked at elsewhere.
 *
 * @param plan what the run goes by
 */
export function migrationOutlook(plan: Plan, state: RunState, migration: Migration): MigrationOutlook {
  const { from, to, mapping } = migration;
  const begun = [...state.steps.values()].filter((step) => from.plan.steps.has(step.id) && hasBegun(step));
  const kept = new Set(begun.map(({ id }) => nameOf(id, mapping)));
  return {
    problems: [
      ...problemsOfRun(plan, state, migration),
      ...problemsOfMapping(state, migration),
      ...begun.flatMap((step) => problemsOfStep(step, migration)),
    ],
    added: [...to.plan.steps.keys()].filter((id) => !kept.has(id) && !from.plan.steps.has(id)),
    dropped: [...from.plan.steps.keys()].filter((id) => !to.plan.steps.has(id) && !begun.some((step) => step.id === id)),
  };
}

/** Outputs of steps that have succeeded, by the names that they have in the new version. */
export function outputsToCheck(state: RunState, { to, mapping }: Migration): ReadonlyMap<string, StoredValue> {
  const outputs = new Map<string, StoredValue>();
  for (const { id, status, output } of state.steps.values()) {
    const name = nameOf(id, mapping);
    if (status === 'succeeded' && output !== null && (to.plan.steps.get(name)?.output ?? null) !== null) outputs.set(name, output);
  }
  return outputs;
}

export function nameOf(step: string, mapping: Migration['mapping']): string {
  return Object.hasOwn(mapping, step) ? (mapping[step] ?? step) : step;
}

function problemsOfRun(plan: Plan, state: RunState, { from }: Migration): readonly string[] {
  const problems: string[] = [];
  if (!isOpen(state)) problems.push(`it has ${state.status}`);
  if (state.definition !== null) problems.push('it runs a plan that a step made, which has no versions');
  else if (plan.steps !== from.plan.steps) problems.push('it runs a group of steps for another run; migrate that one');
  if (state.ending !== null) problems.push('it is about to end: what it has done is being undone, or its failure handled');
  if (state.status === 'running') {
    const busy = [...state.openTasks].filter(({ status }) => status === 'assigned').map(({ id }) => id);
    if (busy.length > 0)
      problems.push(
        `agents work for it (${busy.slice(0, 10).join(', ')}${busy.length > 10 ? ', …' : ''}); pause it, or wait until it waits`,
      );
  }
  return problems;
}

function problemsOfMapping(state: RunState, { from, to, mapping }: Migration): readonly string[] {
  return Object.entries(mapping).flatMap(([old, name]) => {
    if (!from.plan.steps.has(old)) return [`"${old}" is mapped to "${name}", but version ${from.plan.version} has no such step`];
    if (!to.plan.steps.has(name)) return [`"${old}" is mapped to "${name}", but version ${to.plan.version} has no such step`];
    const status = state.steps.get(old)?.status ?? 'pending';
    if (!hasEnded(status)) return [`"${old}" is mapped to "${name}", but has not ended; only steps that have ended take another name`];
    const others = Object.entries(mapping).filter(([other, target]) => other !== old && target === name);
    const taken = others.length > 0 || (name !== old && from.plan.steps.has(name) && !Object.hasOwn(mapping, name));
    return taken ? [`"${old}" is mapped to "${name}", which is the name of another step`] : [];
  });
}

function problemsOfStep(step: StepState, { from, to, mapping }: Migration): readonly string[] {
  const name = nameOf(step.id, mapping);
  const { version } = to.plan;
  if (!to.plan.steps.has(name)) {
    const how = hasEnded(step.status) ? `has ${step.status === 'skipped' ? 'been skipped' : step.status}` : 'is under way';
    return [`step "${step.id}" ${how}, and version ${version} does not have it`];
  }
  if (hasEnded(step.status)) return [];
  const changed = changedMembers(stepOf(from.definition, step.id), stepOf(to.definition, name));
  return changed.length === 0 ? [] : [`step "${step.id}" is under way, and version ${version} changes its ${changed.join(', ')}`];
}

function changedMembers(before: JsonObject, after: JsonObject): readonly string[] {
  const members = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...members].filter((member) => !IRRELEVANT.has(member) && written(before[member]) !== written(after[member])).sort();
}

function written(value: JsonValue | undefined): string {
  return value === undefined ? '' : canonicalJson(value);
}

function stepOf(definition: JsonObject, id: string): JsonObject {
  const { steps } = definition;
  const step = isJsonObject(steps) && Object.hasOwn(steps, id) ? steps[id] : undefined;
  return isJsonObject(step) ? step : {};
}
