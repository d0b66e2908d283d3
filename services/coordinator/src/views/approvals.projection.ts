import { upcast, type RunEvent, type StoredValue } from '@tutti/contracts';
import type { JsonObject, RecordedEvent } from '@tutti/kernel';
import type { Projection } from '@tutti/read-models';
import { rootOf } from '../ownership/partitions.js';

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
  status: 'pending' | 'approved' | 'rejected' | 'voided';
  decidedAt: string | null;
  decidedBy: string;
  reason: string;
}

export const approvalsProjection: Projection<ApprovalDocument & JsonObject> = {
  name: 'approvals',
  version: 2,
  indexes: [['requestedAt'], ['status', 'requestedAt'], ['rootId', 'requestedAt'], ['rootId', 'status', 'requestedAt']],
  handles: { categories: ['run'], types: ['ApprovalRequested', 'ApprovalDecided', 'ApprovalVoided'] },
  keys: (event) => [(event.data as { readonly approvalId: string }).approvalId],
  evolve: (document, recorded) => evolve(document, recorded) as (ApprovalDocument & JsonObject) | null,
};

function evolve(document: ApprovalDocument | null, recorded: RecordedEvent): ApprovalDocument | null {
  const event = upcast(recorded) as unknown as RunEvent;
  if (event.type === 'ApprovalRequested') {
    const { approvalId, step, gate, title, payload, payloadHash } = event.data;
    const { correlationId: runId } = recorded.metadata;
    return {
      ...{ approvalId, runId, rootId: rootOf(runId), step, gate, title, payload, payloadHash, requestedAt: recorded.time },
      ...{ status: 'pending', decidedAt: null, decidedBy: '', reason: '' },
    };
  }
  if (document === null) return null;
  if (event.type === 'ApprovalDecided') {
    const { approved, decidedAt, decidedBy, reason } = event.data;
    return Object.assign(document, { status: approved ? 'approved' : 'rejected', decidedAt, decidedBy, reason });
  }
  if (event.type === 'ApprovalVoided')
    return Object.assign(document, { status: 'voided', decidedAt: recorded.time, reason: event.data.reason });
  return document;
}
