import { upcast, type RunEvent, type StoredValue, rootOf } from '@tutti/contracts';
import type { JsonObject, RecordedEvent } from '@tutti/kernel';
import type { Projection } from '@tutti/read-models';

export interface ApprovalDocument {
  readonly approvalId: string;
  readonly runId: string;
  /** The run that was started from outside, above that one or itself. */
  readonly rootId: string;
  readonly step: string;
  readonly gate: string;
  readonly title: string;
  readonly payload: StoredValue;
  readonly payloadHash: string;
  readonly requestedAt: string;
  approvers: readonly string[];
  readonly barred: readonly string[];
  readonly quorum: number;
  approvedBy: readonly string[];
  readonly expiresAt: string | null;
  status: 'pending' | 'approved' | 'rejected' | 'voided' | 'expired';
  decidedAt: string | null;
  decidedBy: string;
  reason: string;
}

export const approvalsProjection: Projection<ApprovalDocument & JsonObject> = {
  name: 'approvals',
  version: 3,
  indexes: [['requestedAt'], ['status', 'requestedAt'], ['rootId', 'requestedAt'], ['rootId', 'status', 'requestedAt']],
  handles: {
    categories: ['run'],
    types: [
      ...['ApprovalRequested', 'ApprovalVoted', 'ApprovalDelegated', 'ApprovalEscalated'],
      ...['ApprovalDecided', 'ApprovalExpired', 'ApprovalVoided'],
    ],
  },
  keys: (event) => [(event.data as { readonly approvalId: string }).approvalId],
  evolve: (document, recorded) => evolve(document, recorded) as (ApprovalDocument & JsonObject) | null,
};

function evolve(document: ApprovalDocument | null, recorded: RecordedEvent): ApprovalDocument | null {
  const event = upcast(recorded) as unknown as RunEvent;
  if (event.type === 'ApprovalRequested') {
    const { approvalId, step, gate, title, payload, payloadHash, approvers = [], barred = [], quorum = 1, expiresAt = null } = event.data;
    const { correlationId: runId } = recorded.metadata;
    return {
      ...{ approvalId, runId, rootId: rootOf(runId), step, gate, title, payload, payloadHash, requestedAt: recorded.time },
      ...{ approvers, barred, quorum, expiresAt, approvedBy: [] },
      ...{ status: 'pending', decidedAt: null, decidedBy: '', reason: '' },
    };
  }
  if (document === null) return null;
  switch (event.type) {
    case 'ApprovalVoted':
      return Object.assign(document, { approvedBy: joined(document.approvedBy, [event.data.votedBy]) });
    case 'ApprovalDelegated': {
      const { from, to } = event.data;
      return Object.assign(document, {
        approvers: joined(
          document.approvers.filter((approver) => approver !== from),
          [to],
        ),
      });
    }
    case 'ApprovalEscalated':
      // Where anyone may decide, those who are asked besides may anyway.
      return document.approvers.length === 0 ? document : Object.assign(document, { approvers: joined(document.approvers, event.data.to) });
    case 'ApprovalDecided': {
      const { approved, decidedAt, decidedBy, reason } = event.data;
      const approvedBy = approved ? joined(document.approvedBy, [decidedBy]) : document.approvedBy;
      return Object.assign(document, { status: approved ? 'approved' : 'rejected', decidedAt, decidedBy, reason, approvedBy });
    }
    case 'ApprovalExpired':
      return Object.assign(document, { status: 'expired', decidedAt: recorded.time });
    case 'ApprovalVoided':
      return Object.assign(document, { status: 'voided', decidedAt: recorded.time, reason: event.data.reason });
    default:
      return document;
  }
}

function joined(actors: readonly string[], more: readonly string[]): readonly string[] {
  return [...new Set([...actors, ...more])];
}
