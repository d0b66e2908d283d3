/** The line of section 1 that an approval replaces. It stands exactly once in a document that awaits approval. */
export const AWAITING_APPROVAL = '**Status:** awaiting approval';

export interface Approval {
  /** Who decided, as the workflow recorded it. */
  readonly actor: string;
  /** When it was decided, as the workflow recorded it (ISO 8601). */
  readonly decidedAt: string;
  /** True where a script stood in for the person; the document says so. */
  readonly demo: boolean;
  /** Hash of what was approved. */
  readonly payloadHash: string;
}

/**
 * Replaces the status line and nothing else. A text without that line comes back unchanged, so stamping twice is the
 * same as once.
 */
export function stampApproval(markdown: string, approval: Approval): string {
  const lines = markdown.split('\n');
  const at = lines.indexOf(AWAITING_APPROVAL);
  if (at < 0) return markdown;
  const who = approval.actor
    .replace(/\s+/g, ' ')
    .replace(/[<>[\]`*_|\\]/g, '')
    .trim();
  const by = approval.demo ? `${who} (demonstration: no person decided)` : who;
  lines[at] =
    `**Status:** approved by ${by} on ${approval.decidedAt.replace(/[^0-9A-Za-z:.+-]/g, '')}, payload ${approval.payloadHash.replace(/[^0-9A-Za-z:+/=-]/g, '')}`;
  return lines.join('\n');
}
