import type { RecordedEvent } from '@tutti/kernel';
import type { FollowRequest } from '../transport.port.js';
import type { FollowedItem } from './follow-feed.js';

export const RUN_END_TYPES: readonly string[] = ['RunSucceeded', 'RunFailed', 'RunCancelled'];

export interface FollowRunDeps {
  readonly openFeed: (request: FollowRequest, signal: AbortSignal) => AsyncGenerator<FollowedItem, void>;
  /** Whether the run has ended, with nothing of it behind this position. A run can be taken up again after its end. */
  readonly isOver: (position: number) => Promise<boolean>;
}

interface FollowRunRequest {
  readonly runId: string;
  /** Events behind this revision; -1 for all. */
  readonly after: number;
  readonly signal: AbortSignal;
}

/** Every event of a run behind a revision, in order and each once, until the run has ended or the signal says so. */
export async function* followRun(deps: FollowRunDeps, { runId, after, signal }: FollowRunRequest): AsyncGenerator<FollowedItem, void> {
  let seen = after;
  let ended = false;
  for await (const item of deps.openFeed({ after: -1, runId }, signal)) {
    if (item.kind === 'lost') {
      yield item;
      continue;
    }
    const position = item.kind === 'event' ? item.event.position : item.position;
    if (item.kind === 'event') ended ||= endsTheRun(item.event);
    if (item.kind !== 'event' || item.event.revision > seen) yield item;
    if (item.kind === 'event') seen = Math.max(seen, item.event.revision);
    // Before it has caught up, what is behind it comes anyway.
    if ((ended || item.kind === 'caught-up') && (await deps.isOver(position))) return;
  }
}

/** Whether the run is over with this event, unless somebody takes it up again. */
export function endsTheRun({ type }: Pick<RecordedEvent, 'type'>): boolean {
  return RUN_END_TYPES.includes(type);
}
