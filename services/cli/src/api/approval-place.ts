import { sanitizeText } from '../terminal/text-width.js';
import type { ApprovalView } from '@tutti/rest-contract';

/** Where an approval is asked for: `sign`, or `each[3] › group › sign` from the run of that id, or else from the root, down. */
export function approvalPlace({ path, step }: Pick<ApprovalView, 'path' | 'step'>, fromRunId?: string): string {
  const from = path.findIndex(({ runId }) => runId === fromRunId);
  const places = (from < 0 ? path : path.slice(from)).map(({ task }) => task);
  return sanitizeText((places.length === 0 ? [step] : places).join(' › '));
}
