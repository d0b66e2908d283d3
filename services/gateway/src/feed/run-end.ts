import type { EventStore } from '@tutti/event-store';
import type { RecordedEvent } from '@tutti/kernel';

/** The run as it ended. */
export interface RunEnd {
  readonly type: string;
  readonly position: number;
  readonly revision: number;
}

const ENDS: readonly string[] = ['RunSucceeded', 'RunFailed', 'RunCancelled'];
/** An ended run goes on with this. */
const REOPENS = 'RunRepaired';
/** What says how a run stands. */
export const LIFECYCLE: readonly string[] = [...ENDS, REOPENS];
/** No run that has ended records these: a look back needs to go no further. */
const ALIVE: readonly string[] = [REOPENS, 'RunStarted', 'TaskScheduled', 'TaskAssigned', 'RunPaused', 'RunResumed'];

/** How the run stands with one more event, when it stood like `before`; null while it has not ended. */
export function endWith(before: RunEnd | null, { type, position, revision }: RecordedEvent): RunEnd | null {
  if (ENDS.includes(type)) return { type, position, revision };
  return type === REOPENS ? null : before;
}

/** How the run had ended with its event at `revision`; null when it had not. */
export async function endAsOf(store: Pick<EventStore, 'readStream'>, stream: string, revision: number): Promise<RunEnd | null> {
  if (revision < 0) return null;
  for await (const event of store.readStream(stream, { direction: 'backwards', from: revision })) {
    if (ENDS.includes(event.type)) return endWith(null, event);
    if (ALIVE.includes(event.type)) return null;
  }
  return null;
}
