import type { RunEvent } from '@tutti/contracts';
import { isoTime, TuttiError } from '@tutti/kernel';
import type { ApprovalRules, Plan } from '../definition/plan.js';
import type { CommandOf, Resolution } from './run.commands.js';
import { judge, type Verdict } from './run.gates.js';
import { isOpen, type ApprovalState, type RunState, type StepState } from './run.state.js';
import { stepState } from './run.step-state.js';

type Asked = Extract<Resolution, { readonly kind: 'approval' }>;

/** Asks people. The id says whose it is and how many times the gate has asked. */
export function requestApproval(
  state: RunState,
  step: StepState,
  gate: string,
  asked: Asked,
  rules: ApprovalRules,
  nowMs: number,
): RunEvent | Verdict {
  let times = 1;
  for (const approval of state.approvals.values()) if (approval.step === step.id && approval.gate === gate) times++;
  const { title, payload, payloadHash } = asked;
  const approvalId = `${state.runId}.${step.id}.${gate}.${times}`;
  const { approvers, quorum, separateFrom, expiresMs, escalations, notify } = rules;
  const barred = separateFrom.flatMap((whom) => deciderOf(state, whom));
  const lack = lackOfPeople(rules, barred);
  if (lack !== null) return { passed: false, message: lack, evidence: { approvers, quorum, barred } };
  return {
    type: 'ApprovalRequested',
    data: {
      ...{ approvalId, step: step.id, gate, title, payload, payloadHash },
      ...(approvers === null ? {} : { approvers }),
      ...(quorum === 1 ? {} : { quorum }),
      ...(barred.length === 0 ? {} : { barred }),
      ...(expiresMs === null ? {} : { expiresAt: isoTime(nowMs + expiresMs) }),
      ...(escalations.length === 0 ? {} : { escalations: escalations.map(({ afterMs, to }) => ({ at: isoTime(nowMs + afterMs), to })) }),
      ...(notify.length === 0 ? {} : { notify }),
    },
  };
}

/** Nobody is asked what nobody could ever decide. */
function lackOfPeople({ approvers, escalations, quorum }: ApprovalRules, barred: readonly string[]): string | null {
  if (approvers === null) return null;
  const able = new Set([...approvers, ...escalations.flatMap(({ to }) => to)].filter((actor) => !barred.includes(actor)));
  if (able.size >= quorum) return null;
  return `${quorum} must approve, but only ${able.size} of those who are asked may: ${barred.join(', ')} must not`;
}

/** `starter`, or who decided the gate `step.gate`. */
function deciderOf(state: RunState, whom: string): readonly string[] {
  if (whom === 'starter') return [state.startedBy];
  const dot = whom.lastIndexOf('.');
  const decision = stepState(state, whom.slice(0, dot)).decisions.get(whom.slice(dot + 1));
  return decision === undefined ? [] : decision.approvedBy;
}

export function decideApproval(plan: Plan, command: CommandOf<'DecideApproval'>, state: RunState): readonly RunEvent[] {
  const { approvalId, approved, payloadHash, actor, reason, nowMs } = command;
  const approval = findApproval(state, approvalId);
  const { decision } = approval;
  if (decision !== null) {
    const isRepeat = decision.approved === approved && decision.payloadHash === payloadHash;
    if (isRepeat && (decision.decidedBy === actor || decision.approvedBy.includes(actor))) return [];
    const outcome = decision.approved ? 'approved' : 'rejected';
    throw new TuttiError('APPROVAL_DECIDED', `approval ${approvalId} was ${outcome} by ${decision.decidedBy} at ${decision.decidedAt}`);
  }
  expectPending(approval, state);
  if (approval.payloadHash !== payloadHash) {
    const expected = `approval ${approvalId} is for payload ${approval.payloadHash}, but ${payloadHash} was given; look at it again`;
    throw new TuttiError('PAYLOAD_CHANGED', expected);
  }
  if (approved && approval.votes.has(actor)) return [];
  expectApprover(approval, actor);
  const voted: RunEvent = { type: 'ApprovalVoted', data: { approvalId, payloadHash, votedBy: actor, votedAt: isoTime(nowMs), reason } };
  const votes = approval.votes.size + (approved ? 1 : 0);
  if (approved && votes < approval.quorum) return [voted];
  const decided: RunEvent = {
    type: 'ApprovalDecided',
    data: { approvalId, approved, payloadHash, decidedBy: actor, decidedAt: isoTime(nowMs), reason },
  };
  const said = reason === '' ? '' : `: ${reason}`;
  const everyone = approved ? [...approval.votes.keys(), actor].join(', ') : actor;
  const message = `${approved ? 'approved' : 'rejected'} by ${everyone}${said}`;
  const verdict = { passed: approved, message, evidence: { approvalId, payloadHash } };
  return [...(approved && approval.quorum > 1 ? [voted] : []), decided, ...judgeApproval(plan, state, approval, verdict, nowMs)];
}

/** Gives the decision of one approver to somebody else. */
export function delegateApproval(command: CommandOf<'DelegateApproval'>, state: RunState): readonly RunEvent[] {
  const { approvalId, to, actor, reason } = command;
  const approval = findApproval(state, approvalId);
  if (approval.approvers?.has(to) === true && !approval.approvers.has(actor)) return [];
  expectPending(approval, state);
  if (approval.decision !== null)
    throw new TuttiError('APPROVAL_DECIDED', `approval ${approvalId} was decided by ${approval.decision.decidedBy}`);
  if (approval.approvers === null)
    throw new TuttiError('INVALID_REQUEST', `anyone may decide approval ${approvalId}; there is nothing to delegate`);
  expectApprover(approval, actor);
  if (approval.votes.has(actor)) throw new TuttiError('APPROVAL_DECIDED', `${actor} has approved ${approvalId} already`);
  if (approval.approvers.has(to) && approval.approvers.size <= approval.quorum)
    throw new TuttiError(
      'INVALID_REQUEST',
      `${to} may decide approval ${approvalId} already, and ${approval.quorum} people must approve it`,
    );
  if (approval.barred.has(to))
    throw new TuttiError('NOT_AN_APPROVER', `${to} may not decide approval ${approvalId}: duties are kept apart`);
  return [{ type: 'ApprovalDelegated', data: { approvalId, from: actor, to, reason } }];
}

/** Escalates and ends what was not decided in time. */
export function tickApprovals(plan: Plan, state: RunState, nowMs: number): readonly RunEvent[] {
  const events: RunEvent[] = [];
  for (const approval of state.approvals.values()) {
    if (approval.status !== 'pending') continue;
    const { id: approvalId, expiresMs, escalations, escalated } = approval;
    if (expiresMs !== null && expiresMs <= nowMs) {
      const verdict = { passed: false, message: `nobody decided by ${isoTime(expiresMs)}`, evidence: { approvalId, expired: true } };
      // One at a time: what follows from it may reset others.
      const expired: RunEvent = { type: 'ApprovalExpired', data: { approvalId, expiredAt: isoTime(expiresMs) } };
      return [expired, ...judgeApproval(plan, state, approval, verdict, nowMs)];
    }
    escalations.slice(escalated).forEach(({ atMs, to }, index) => {
      if (atMs <= nowMs) events.push({ type: 'ApprovalEscalated', data: { approvalId, to, level: escalated + index + 1 } });
    });
  }
  return events;
}

/** When something of the approvals is due next; Infinity for never. */
export function approvalsDueMs(state: RunState): number {
  let atMs = Infinity;
  for (const { status, expiresMs, escalations, escalated } of state.approvals.values()) {
    if (status !== 'pending') continue;
    atMs = Math.min(atMs, expiresMs ?? Infinity, escalations[escalated]?.atMs ?? Infinity);
  }
  return atMs;
}

/** It still looks open to what calls back the step's approvals, but it is decided. */
function judgeApproval(plan: Plan, state: RunState, approval: ApprovalState, verdict: Verdict, nowMs: number): readonly RunEvent[] {
  const gate = plan.steps.get(approval.step)?.gates.find(({ name }) => name === approval.gate);
  if (gate === undefined) return [];
  const judged = judge(plan, state, stepState(state, approval.step), gate, verdict, nowMs);
  return judged.filter((event) => event.type !== 'ApprovalVoided' || event.data.approvalId !== approval.id);
}

function findApproval(state: RunState, id: string): ApprovalState {
  const approval = state.approvals.get(id);
  if (approval === undefined) throw new TuttiError('APPROVAL_NOT_FOUND', `there is no approval "${id}"`);
  return approval;
}

function expectPending({ id, status }: ApprovalState, state: RunState): void {
  if (!isOpen(state)) throw new TuttiError('RUN_ENDED', `run ${state.runId} has ${state.status}; its approvals cannot be decided any more`);
  if (status === 'expired') throw new TuttiError('APPROVAL_DECIDED', `approval ${id} has expired`);
  if (status === 'voided') throw new TuttiError('APPROVAL_DECIDED', `approval ${id} is void: its step was reset or ended without it`);
}

function expectApprover({ id, approvers, barred }: ApprovalState, actor: string): void {
  if (barred.has(actor)) throw new TuttiError('NOT_AN_APPROVER', `${actor} may not decide approval ${id}: duties are kept apart`);
  if (approvers === null || approvers.has(actor)) return;
  throw new TuttiError('NOT_AN_APPROVER', `${actor} may not decide approval ${id}; it is for ${[...approvers].join(', ')}`);
}

type ApprovalEvent = Extract<RunEvent, { readonly type: `Approval${string}` }>;

export function evolveApproval(state: RunState, event: ApprovalEvent): RunState {
  if (event.type === 'ApprovalRequested') return approvalRequested(state, event.data);
  const approval = state.approvals.get(event.data.approvalId);
  if (approval === undefined) return state;
  switch (event.type) {
    case 'ApprovalVoted':
      approval.votes.set(event.data.votedBy, event.data.reason);
      return state;
    case 'ApprovalDelegated':
      approval.approvers?.delete(event.data.from);
      approval.approvers?.add(event.data.to);
      return state;
    case 'ApprovalEscalated':
      approval.escalated = event.data.level;
      for (const actor of event.data.to) approval.approvers?.add(actor);
      return state;
    case 'ApprovalExpired':
      approval.status = 'expired';
      stepState(state, approval.step).pendingApproval = null;
      return state;
    case 'ApprovalVoided':
      approval.status = 'voided';
      stepState(state, approval.step).pendingApproval = null;
      return state;
    case 'ApprovalDecided': {
      const { approved, decidedBy, decidedAt, reason, payloadHash } = event.data;
      const approvedBy = approved ? [...new Set([...approval.votes.keys(), decidedBy])] : [];
      approval.status = 'decided';
      approval.decision = { approved, decidedBy, decidedAt, reason, payloadHash, approvedBy };
      const step = stepState(state, approval.step);
      step.pendingApproval = null;
      step.decisions.set(approval.gate, approval.decision);
      return state;
    }
  }
}

function approvalRequested(state: RunState, data: Extract<ApprovalEvent, { type: 'ApprovalRequested' }>['data']): RunState {
  const { approvalId: id, step, gate, payloadHash, approvers, quorum = 1, barred = [], expiresAt, escalations = [] } = data;
  state.approvals.set(id, {
    ...{ id, step, gate, payloadHash, quorum, status: 'pending', decision: null, votes: new Map(), escalated: 0 },
    approvers: approvers === undefined ? null : new Set(approvers),
    barred: new Set(barred),
    expiresMs: expiresAt === undefined ? null : Date.parse(expiresAt),
    escalations: escalations.map(({ at, to }) => ({ atMs: Date.parse(at), to })),
  });
  stepState(state, step).pendingApproval = id;
  return state;
}
