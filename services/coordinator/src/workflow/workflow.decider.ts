import type { RolloutRule, WorkflowEvent } from '@tutti/contracts';
import { assertNever, canonicalJson, TuttiError, type Decider, type JsonObject, type JsonValue } from '@tutti/kernel';
import { evolveWorkflow, NO_VERSIONS, type WorkflowState } from './workflow.state.js';

export type WorkflowCommand =
  | {
      readonly type: 'RegisterWorkflowVersion';
      readonly name: string;
      readonly description: string;
      readonly hash: string;
      readonly definition: JsonObject;
      readonly source: string;
      readonly registeredBy: string;
    }
  | (Intervention & { readonly type: 'ChangeRollout'; readonly rules: readonly RolloutRule[] })
  | (Intervention & { readonly type: 'DrainVersion' | 'RestoreVersion'; readonly version: number });

interface Intervention {
  readonly name: string;
  readonly actor: string;
  readonly reason: string;
}

type CommandOf<Type extends WorkflowCommand['type']> = Extract<WorkflowCommand, { readonly type: Type }>;

/** The versions of one workflow, and which of them new runs get. What holds already is no event. */
export const workflowDecider: Decider<WorkflowCommand, WorkflowState, WorkflowEvent> = {
  initialState: () => NO_VERSIONS,
  decide: (command, state) => decideWorkflow(command, state),
  evolve: evolveWorkflow,
};

function decideWorkflow(command: WorkflowCommand, state: WorkflowState): readonly WorkflowEvent[] {
  if (command.type === 'RegisterWorkflowVersion') {
    const { type: _, ...registered } = command;
    if (registered.hash === state.hash) return [];
    return [{ type: 'WorkflowVersionRegistered', data: { ...registered, version: state.version + 1 } }];
  }
  if (state.version === 0) throw new TuttiError('WORKFLOW_NOT_FOUND', `there is no workflow "${command.name}"`);
  switch (command.type) {
    case 'ChangeRollout':
      return changeRollout(command, state);
    case 'DrainVersion':
    case 'RestoreVersion':
      return holdVersion(command, state);
    default:
      return assertNever(command, 'workflow command');
  }
}

function changeRollout({ name, rules, actor, reason }: CommandOf<'ChangeRollout'>, state: WorkflowState): readonly WorkflowEvent[] {
  rules.forEach(({ version, share, labels }, index) => {
    refuseUnknown(name, version, state);
    if (state.drained.has(version)) throw drained(name, version, 'restore it first');
    const isByLabels = labels !== undefined && Object.keys(labels).length > 0;
    if (isByLabels === (share !== undefined))
      throw new TuttiError(
        'INVALID_REQUEST',
        `rule ${index + 1} of workflow "${name}" has ${isByLabels ? 'both labels and a share' : 'neither labels nor a share'}; expected one of them`,
      );
  });
  const shared = rules.reduce((sum, { share }) => sum + (share ?? 0), 0);
  if (shared > 100) throw new TuttiError('INVALID_REQUEST', `the shares of workflow "${name}" come to ${shared} %; expected at most 100`);
  if (canonicalJson(rules as unknown as JsonValue) === canonicalJson(state.rules as unknown as JsonValue)) return [];
  return [{ type: 'WorkflowRolloutChanged', data: { name, rules, changedBy: actor, reason } }];
}

function holdVersion(command: CommandOf<'DrainVersion' | 'RestoreVersion'>, state: WorkflowState): readonly WorkflowEvent[] {
  const { type, name, version, actor, reason } = command;
  refuseUnknown(name, version, state);
  const isDrained = state.drained.has(version);
  if (type === 'DrainVersion')
    return isDrained ? [] : [{ type: 'WorkflowVersionDrained', data: { name, version, reason, drainedBy: actor } }];
  return isDrained ? [{ type: 'WorkflowVersionRestored', data: { name, version, reason, restoredBy: actor } }] : [];
}

function refuseUnknown(name: string, version: number, state: WorkflowState): void {
  if (version < 1 || version > state.version)
    throw new TuttiError('WORKFLOW_NOT_FOUND', `workflow "${name}" has no version ${version}; it has 1 to ${state.version}`);
}

export function drained(name: string, version: number, advice: string): TuttiError {
  return new TuttiError('WORKFLOW_VERSION_DRAINED', `version ${version} of workflow "${name}" is drained and takes no new runs; ${advice}`);
}
