import type { RunEvent } from '@tutti/contracts';
import { hashJson } from '@tutti/kernel';

interface AuditedApproval {
  readonly step: string;
  readonly gate: string;
  readonly payloadHash: string;
  readonly quorum: number;
  readonly barred: readonly string[];
  readonly votes: Set<string>;
  status: 'pending' | 'approved' | 'rejected' | 'voided' | 'expired';
}

type Expect = (holds: boolean, problem: string) => void;

/** The rules of a run's approvals. */
export class ApprovalAudit {
  private readonly approvals = new Map<string, AuditedApproval>();

  constructor(private readonly expect: Expect) {}

  take(event: RunEvent): void {
    if (event.type === 'ApprovalRequested') return this.requested(event.data);
    if (!('approvalId' in event.data)) return;
    const id = event.data.approvalId;
    const approval = this.approvals.get(id);
    this.expect(approval?.status === 'pending', `${event.type} of approval ${id} while ${approval?.status ?? 'unknown'}`);
    if (approval === undefined) return;
    if (event.type === 'ApprovalVoted') {
      this.expect(!approval.votes.has(event.data.votedBy), `${event.data.votedBy} approved ${id} twice`);
      approval.votes.add(event.data.votedBy);
    }
    if (event.type === 'ApprovalDecided') this.decided(id, approval, event.data);
    if (event.type === 'ApprovalVoided') approval.status = 'voided';
    if (event.type === 'ApprovalExpired') approval.status = 'expired';
  }

  isApproved(step: string, gate: string): boolean {
    return [...this.approvals.values()].findLast((approval) => approval.step === step && approval.gate === gate)?.status === 'approved';
  }

  pending(): readonly string[] {
    return [...this.approvals].filter(([, { status }]) => status === 'pending').map(([id]) => id);
  }

  private requested(data: Extract<RunEvent, { type: 'ApprovalRequested' }>['data']): void {
    const { approvalId, step, gate, payload, payloadHash, quorum = 1, barred = [] } = data;
    if ('inline' in payload)
      this.expect(hashJson(payload.inline) === payloadHash, `approval ${approvalId} does not name the hash of its payload`);
    this.approvals.set(approvalId, { step, gate, payloadHash, quorum, barred, votes: new Set(), status: 'pending' });
  }

  private decided(id: string, approval: AuditedApproval, data: Extract<RunEvent, { type: 'ApprovalDecided' }>['data']): void {
    const { approved, payloadHash, decidedBy } = data;
    this.expect(approval.payloadHash === payloadHash, `approval ${id} was decided for another payload`);
    this.expect(!approval.barred.includes(decidedBy), `approval ${id} was decided by ${decidedBy}, who is barred`);
    const people = new Set([...approval.votes, decidedBy]).size;
    this.expect(!approved || people >= approval.quorum, `approval ${id} was given by ${people} of ${approval.quorum}`);
    approval.status = approved ? 'approved' : 'rejected';
  }
}
