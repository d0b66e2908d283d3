import { runIdOfKey, runOfApproval } from '@tutti/contracts';

/** Which coordinator a call is for. */
export type CallTarget =
  /** Whoever answers for the run. */
  | { readonly kind: 'owner'; readonly runId: string }
  /** Whoever answers for runs at all: it gives the new run an id of its own. */
  | { readonly kind: 'start' }
  | { readonly kind: 'any' };

/** Answered from what the run's owner has in memory, or changed by it, by `runId`. Other calls that name a run read what all can read. */
const BY_RUN: ReadonlySet<string> = new Set([
  'pauseRun',
  'resumeRun',
  'cancelRun',
  'signalRun',
  'queryRun',
  'listQueries',
  'setVariables',
  'repairRun',
  'migrateRun',
  'explainTask',
]);
const BY_APPROVAL: ReadonlySet<string> = new Set(['decideApproval', 'delegateApproval']);

const ANY: CallTarget = { kind: 'any' };
const START: CallTarget = { kind: 'start' };

export function targetOf(method: string, request: unknown): CallTarget {
  if (method === 'startRun') {
    const key = textIn(request, 'idempotencyKey');
    return key === '' ? START : { kind: 'owner', runId: runIdOfKey(key) };
  }
  if (BY_APPROVAL.has(method)) return { kind: 'owner', runId: runOfApproval(textIn(request, 'approvalId')) };
  return BY_RUN.has(method) ? { kind: 'owner', runId: textIn(request, 'runId') } : ANY;
}

/** Empty for what is not there: whoever gets the call says so. */
function textIn(request: unknown, member: string): string {
  if (typeof request !== 'object' || request === null) return '';
  const value = (request as Readonly<Record<string, unknown>>)[member];
  return typeof value === 'string' ? value : '';
}
