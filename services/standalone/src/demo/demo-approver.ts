import { runEvents } from '@tutti/contracts';
import type { EventStore, EventSubscription } from '@tutti/event-store';
import type { Standalone } from '../standalone.js';

/** The actor that stands in for a person, as the log and the document say. */
const DEMO_ACTOR = 'demo';

/** Approves what runs labelled `demo` ask for, from now on. Returns what ends it. */
export function approveAsDemo({ runs, store }: Pick<Standalone, 'runs'> & { readonly store: EventStore }): () => void {
  let subscription: EventSubscription | null = null;
  let ended = false;
  const start = async (): Promise<void> => {
    const after = await store.head();
    if (ended) return;
    subscription = store.subscribe({
      after,
      filter: { categories: ['run'], types: ['ApprovalRequested'] },
      onBatch: async (events) => {
        for (const { metadata, data, position } of events) {
          const { approvalId, payloadHash } = runEvents.ApprovalRequested.data.parse(data);
          await approve(metadata.correlationId, approvalId, payloadHash, position);
        }
      },
    });
    await subscription.ended;
  };
  const approve = async (runId: string, approvalId: string, payloadHash: string, position: number): Promise<void> => {
    const { run } = await runs.getRun({ runId, minPosition: position });
    if (run?.labels['demo'] !== 'true') return;
    await runs.decideApproval({
      approvalId,
      approve: true,
      payloadHash,
      actor: DEMO_ACTOR,
      reason: 'the demonstration approves by itself; no person decided',
    });
  };
  start().catch((error: unknown) => process.stderr.write(`the demonstration cannot approve: ${String(error)}\n`));
  return () => {
    ended = true;
    void subscription?.close();
  };
}
