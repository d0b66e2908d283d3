import type { CallOptions, Calls } from './calls.js';
import { answers, type ApprovalStatus, type ApprovalView } from './views.js';

export interface ListApprovalsOptions extends CallOptions {
  readonly status?: ApprovalStatus;
  readonly runId?: string;
  /** Default: 100. */
  readonly limit?: number;
}

export interface Decision extends CallOptions {
  readonly approve: boolean;
  readonly reason?: string;
}

export interface Approvals {
  /** Oldest first, without what is to be approved. */
  list(options?: ListApprovalsOptions): Promise<readonly ApprovalView[]>;
  /** One, with its payload. @throws TuttiClientError APPROVAL_NOT_FOUND */
  get(approvalId: string, options?: CallOptions): Promise<ApprovalView>;
  /**
   * Approves or rejects exactly what was looked at: its hash goes along.
   *
   * @throws TuttiClientError APPROVAL_DECIDED · PAYLOAD_CHANGED · RUN_ENDED
   */
  decide(approval: Pick<ApprovalView, 'id' | 'payloadHash'>, decision: Decision): Promise<void>;
  /** Gives the caller's decision to somebody else, like "user:bob". @throws TuttiClientError NOT_AN_APPROVER · INVALID_REQUEST where anyone may decide */
  delegate(approvalId: string, to: string, options?: CallOptions & { readonly reason?: string }): Promise<void>;
}

export function createApprovals(calls: Calls): Approvals {
  return {
    list: (options = {}) => listApprovals(calls, options),
    get: async (approvalId, options) => (await calls.ask('getApproval', { approvalId }, answers.approval, options)).approval,
    async decide({ id, payloadHash }, { approve, reason = '', signal }) {
      await calls.ask('decideApproval', { approvalId: id, approve, payloadHash, reason }, answers.decision, { signal });
    },
    async delegate(approvalId, to, { reason = '', ...options } = {}) {
      await calls.ask('delegateApproval', { approvalId, to, reason }, answers.decision, options);
    },
  };
}

export function listApprovals(calls: Calls, { status, runId, limit, signal }: ListApprovalsOptions): Promise<readonly ApprovalView[]> {
  const filter = { ...(status === undefined ? {} : { status }), ...(runId === undefined ? {} : { runId }) };
  return calls.pages('listApprovals', filter, answers.approvals, ({ approvals }) => approvals, { limit, signal });
}
