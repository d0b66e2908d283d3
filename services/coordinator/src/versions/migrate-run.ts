import type { RunEvent, StoredValue } from '@tutti/contracts';
import { TuttiError } from '@tutti/kernel';
import type { Plan } from '../definition/plan.js';
import { isOpen, type RunState } from '../run/run.state.js';
import { migrationOutlook, outputsToCheck, type Migration } from './migration.js';

/** Lets a run go on by another version of its workflow. */
export interface MigrateRun extends Migration {
  readonly type: 'MigrateRun';
  /** What was found wrong with values that are recorded: inputs and outputs. */
  readonly problemsOfValues: readonly string[];
  /** The outputs that were looked at. What came since must be looked at first. */
  readonly checked: ReadonlyMap<string, StoredValue>;
  readonly actor: string;
  readonly reason: string;
}

type Migrated = Extract<RunEvent, { readonly type: 'RunMigrated' }>['data'];

/**
 * Decides nothing for a run that goes by that version already.
 *
 * @throws TuttiError MIGRATION_REFUSED with every reason; RUN_ENDED; REVISION_CONFLICT when outputs came that were not looked at
 */
export function migrateRun(plan: Plan, command: MigrateRun, state: RunState): readonly RunEvent[] {
  const { to, mapping, actor, reason, checked } = command;
  if (!isOpen(state)) throw new TuttiError('RUN_ENDED', `run ${state.runId} has already ${state.status}`);
  const fromVersion = state.workflowVersion;
  if (to.plan.version === fromVersion) return [];
  if (command.from.plan.version !== fromVersion) throw moved(state);
  const outlook = migrationOutlook(plan, state, command);
  const problems = [...outlook.problems, ...command.problemsOfValues];
  if (problems.length > 0) throw refused(state.runId, to.plan.version, problems);
  for (const [step, output] of outputsToCheck(state, command)) if (checked.get(step) !== output) throw moved(state);
  const data = {
    fromVersion,
    toVersion: to.plan.version,
    definitionHash: to.plan.hash,
    migratedBy: actor,
    reason,
    dropped: outlook.dropped,
  };
  return [{ type: 'RunMigrated', data: Object.keys(mapping).length === 0 ? data : { ...data, mapping } }];
}

/** Steps keep what they have come to, under their new names. */
export function runMigrated(state: RunState, { toVersion, mapping = {}, dropped }: Migrated): RunState {
  state.workflowVersion = toVersion;
  for (const id of dropped) state.steps.delete(id);
  const renamed = Object.entries(mapping).map(([old, name]) => [old, name, state.steps.get(old)] as const);
  for (const [old] of renamed) state.steps.delete(old);
  for (const [, name, step] of renamed) if (step !== undefined) state.steps.set(name, { ...step, id: name });
  return state;
}

function refused(runId: string, version: number, problems: readonly string[]): TuttiError {
  const message = `run ${runId} cannot go on by version ${version}: ${problems.join('; ')}`;
  return new TuttiError('MIGRATION_REFUSED', message, { details: { problems: [...problems] } });
}

function moved(state: RunState): TuttiError {
  return new TuttiError('REVISION_CONFLICT', `run ${state.runId} has gone on while it was looked at`);
}
