import { upcast } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import type { RecordedEvent } from '@tutti/kernel';
import { runStream } from '../owner/run-loader.js';

/** On a run that a trigger started because of something that another run did: that run. */
export const CAUSE_LABEL = 'tutti.cause';
/** CloudEvents attribute by which whoever publishes an event from within a run names that run. */
const RUN_ATTRIBUTE = 'tuttirun';
/** Runs that started one another by triggers. */
export const MAX_CHAIN = 8;

interface Started {
  readonly workflow: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly parent?: { readonly runId: string } | null;
}

interface Link {
  readonly runId: string;
  readonly workflow: string;
}

/** The run that an event may come of, or null. What is not the id of a run, names none. */
export function runBehind({ type, data, metadata }: RecordedEvent): string | null {
  if (type !== 'EventReceived') return metadata.correlationId;
  const extensions = data['extensions'] as Readonly<Record<string, unknown>> | undefined;
  const named = extensions?.[RUN_ATTRIBUTE];
  return typeof named === 'string' ? named : null;
}

/** That run, what caused it, and so on, newest first; at most one more than may be. */
export async function chainOf(store: Pick<EventStore, 'readStream'>, runId: string | null): Promise<readonly Link[]> {
  const chain: Link[] = [];
  for (let id = runId; id !== null && chain.length <= MAX_CHAIN;) {
    const started = await startOf(store, id);
    if (started === null) break;
    chain.push({ runId: id, workflow: started.workflow });
    id = started.labels[CAUSE_LABEL] ?? started.parent?.runId ?? null;
  }
  return chain;
}

async function startOf(store: Pick<EventStore, 'readStream'>, runId: string): Promise<Started | null> {
  for await (const event of store.readStream(runStream(runId), { limit: 1 })) return upcast(event).data as unknown as Started;
  return null;
}
