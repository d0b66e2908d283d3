import { eventually } from '../../product/waiting.js';
import type { ProcessGroup } from './process-group.js';

const LIMIT_MS = 60_000;

interface Run {
  readonly status: string;
  readonly outputs?: unknown;
}

export async function startRun(group: ProcessGroup, workflow: string, inputs: object, key: string): Promise<string> {
  const { status, json } = await group.call('POST', '/v1/runs', { workflow, inputs }, { 'idempotency-key': key });
  if (status !== 201 && status !== 200) throw new Error(`the start was answered with ${status}: ${JSON.stringify(json)}`);
  return String(json['runId']);
}

/** Once it is there, which takes a moment after the run has come so far. */
export async function approve(group: ProcessGroup, runId: string): Promise<void> {
  const approval = await eventually(`run ${runId} asks for an approval`, LIMIT_MS, async () => {
    const { json } = await group.call('GET', '/v1/approvals?status=pending');
    return (json['approvals'] as readonly { id: string; runId: string; payloadHash: string }[]).find((each) => each.runId === runId);
  });
  const { status, json } = await group.call('POST', `/v1/approvals/${encodeURIComponent(approval.id)}/approve`, {
    payloadHash: approval.payloadHash,
  });
  if (status !== 200) throw new Error(`the approval was answered with ${status}: ${JSON.stringify(json)}`);
}

/** How it ended. What cannot be asked just now is asked again. */
export function ended(group: ProcessGroup, runId: string): Promise<Run> {
  return eventually(`run ${runId} has ended`, LIMIT_MS, async () => {
    const answer = await group.call('GET', `/v1/runs/${runId}`).catch(() => null);
    if (answer?.status !== 200) return undefined;
    const { status, outputs } = answer.json['run'] as Run;
    return status === 'running' ? undefined : { status, outputs };
  });
}
