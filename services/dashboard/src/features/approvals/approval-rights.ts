import type { ApprovalView } from '@tutti/rest-contract';

/** Who may decide, in words. */
export function approversText({ approvers, barred, quorum }: Pick<ApprovalView, 'approvers' | 'barred' | 'quorum'>): string {
  const who = approvers.length === 0 ? 'Anyone may decide' : `${approvers.join(', ')} may decide`;
  const not = barred.length === 0 ? '' : `, but not ${barred.join(', ')}`;
  return `${who}${not}${quorum > 1 ? `; ${quorum} different people must approve` : ''}.`;
}

/** Why this actor may not decide; null when the page sees no reason. The server has the last word. */
export function refusalFor({ approvers, barred, approvedBy }: ApprovalView, actor: string): string | null {
  if (barred.includes(actor)) return `${actor} may not decide this`;
  // An entry may stand for more than one actor; only a plain list of names is judged here.
  const areNames = approvers.every((approver) => approver.startsWith('user:'));
  if (approvers.length > 0 && areNames && !approvers.includes(actor)) return `${actor} is not among those who may decide`;
  return approvedBy.includes(actor) ? `${actor} has approved; others still have to` : null;
}
