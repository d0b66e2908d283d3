import {
  approve,
  getApproval,
  getRun,
  getWorkflow,
  listApprovals,
  pauseRun,
  queryRun,
  registerWorkflow,
  retryRun,
  type RUN_STATUSES,
  runView,
  signalRun,
  startRun,
  validateWorkflow,
  workflowView,
} from '@tutti/rest-contract';
import { z } from 'zod';

/** A newer server may have statuses that this version does not know. */
export type RunStatus = (typeof RUN_STATUSES)[number] | (string & Record<never, never>);
export type ApprovalStatus = 'pending' | 'approved' | 'rejected' | 'voided' | 'expired' | (string & Record<never, never>);

export { hasEnded, type ApprovalView, type DefinitionProblem, type RunView, type StepView, type WorkflowView } from '@tutti/rest-contract';

const page = { nextPageToken: z.string().default('') };

/** What the server answers, by the contract. What it leaves out has its default, what a newer one adds is passed over. */
export const answers = {
  startRun: startRun.answers[201].schema,
  run: getRun.answers[200].schema,
  /** Without steps and outputs. */
  runs: z.object({ runs: z.array(runView).default([]), ...page }),
  signal: signalRun.answers[201].schema,
  query: queryRun.answers[200].schema,
  approval: getApproval.answers[200].schema,
  approvals: listApprovals.answers[200].schema,
  decision: approve.answers[200].schema,
  change: pauseRun.answers[200].schema,
  repaired: retryRun.answers[200].schema,
  registered: registerWorkflow.answers[201].schema,
  problems: validateWorkflow.answers[200].schema,
  workflow: getWorkflow.answers[200].schema,
  /** Without their texts. */
  workflows: z.object({ workflows: z.array(workflowView).default([]), ...page }),
};
