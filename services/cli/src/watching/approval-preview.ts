import { hashJson, type JsonValue } from '@tutti/kernel';
import type { ApprovalView } from '@tutti/rest-contract';
import { approvalPlace } from '../api/approval-place.js';
import { EXIT } from '../failure/exit-codes.js';
import { Failure } from '../failure/failure.js';
import { readableText } from '../output/output-format.js';
import { segment, type Line } from '../terminal/line.js';
import { sanitizeLines, sanitizeText } from '../terminal/text-width.js';

/**
 * What a person has to see before they decide: the question, what the decision is bound to, and the beginning of the payload.
 *
 * @param previewLines most lines of the payload
 */
export function approvalPreview(approval: ApprovalView, previewLines: number): readonly Line[] {
  const lines = sanitizeLines(readableText(approval.payload));
  const rest = lines.length - previewLines;
  return [
    [segment('  ? ', 'yellow'), segment(sanitizeText(approval.title || approval.gate), 'bold')],
    [segment(`    ${sanitizeText(approval.workflow)}  step ${approvalPlace(approval)}  run ${approval.runId}`, 'dim')],
    [segment(`    sha256 ${approval.payloadHash}`, 'dim')],
    ...lines.slice(0, previewLines).map((line): Line => [segment('    │ ', 'dim'), segment(line)]),
    ...(rest > 0 ? [[segment(`    │ … ${rest} more lines: tutti approvals show ${approval.id}`, 'dim')]] : []),
  ];
}

/** Makes sure that what was shown is what the hash stands for. @throws Failure PAYLOAD_CHANGED */
export function checkPayloadHash({ id, payload, payloadHash }: ApprovalView): void {
  const found = hashJson((payload ?? null) as JsonValue);
  if (found === payloadHash) return;
  throw new Failure(
    'PAYLOAD_CHANGED',
    `the payload of approval ${id} has the hash ${found}, not ${payloadHash} as the approval says; nothing was decided`,
    { exitCode: EXIT.conflict },
  );
}
