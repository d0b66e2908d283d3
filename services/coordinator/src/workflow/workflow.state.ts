import type { RolloutRule, WorkflowEvent } from '@tutti/contracts';
import { assertNever } from '@tutti/kernel';

/** What a workflow's stream says of its versions. */
export interface WorkflowState {
  /** The newest; 0 for none. */
  readonly version: number;
  /** Of the newest. */
  readonly hash: string;
  /** What starts without a version get; none: the newest. */
  readonly rules: readonly RolloutRule[];
  /** Versions that take no new runs. */
  readonly drained: ReadonlySet<number>;
}

export const NO_VERSIONS: WorkflowState = { version: 0, hash: '', rules: [], drained: new Set() };

export function evolveWorkflow(state: WorkflowState, event: WorkflowEvent): WorkflowState {
  switch (event.type) {
    case 'WorkflowVersionRegistered':
      return { ...state, version: event.data.version, hash: event.data.hash };
    case 'WorkflowRolloutChanged':
      return { ...state, rules: event.data.rules };
    case 'WorkflowVersionDrained':
      return { ...state, drained: new Set([...state.drained, event.data.version]) };
    case 'WorkflowVersionRestored':
      return { ...state, drained: new Set([...state.drained].filter((version) => version !== event.data.version)) };
    default:
      return assertNever(event, 'workflow event');
  }
}
