import type { WorkflowEvent } from '@tutti/contracts';
import type { Decider, JsonObject } from '@tutti/kernel';

interface WorkflowState {
  readonly version: number;
  readonly hash: string;
}

export interface RegisterWorkflowVersion {
  readonly type: 'RegisterWorkflowVersion';
  readonly name: string;
  readonly description: string;
  readonly hash: string;
  readonly definition: JsonObject;
  readonly source: string;
  readonly registeredBy: string;
}

/** The versions of one workflow. What the newest already says is no new version. */
export const workflowDecider: Decider<RegisterWorkflowVersion, WorkflowState, WorkflowEvent> = {
  initialState: () => ({ version: 0, hash: '' }),
  decide: ({ type: _, ...registered }, state) =>
    registered.hash === state.hash ? [] : [{ type: 'WorkflowVersionRegistered', data: { ...registered, version: state.version + 1 } }],
  evolve: (_, { data }) => ({ version: data.version, hash: data.hash }),
};
