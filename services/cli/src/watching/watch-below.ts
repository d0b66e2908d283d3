import type { Api } from '../api/api.js';
import { approvalPlace } from '../api/approval-place.js';
import type { FeedItem, FeedRequest } from '../api/feed.js';
import { isFailure } from '../failure/failure.js';
import type { ApprovalBelow } from '../run-view/run-view.state.js';

interface WatchBelowDeps {
  readonly api: Pick<Api, 'listApprovals'>;
  readonly openFeed: (request: FeedRequest) => AsyncGenerator<FeedItem, void>;
  /** What waits now; only when that has changed. */
  readonly onChange: (waiting: readonly ApprovalBelow[]) => void;
}

interface BelowWatch {
  /** From the first child run on; further calls change nothing. */
  start(): void;
  /** Resolves when nothing is asked or followed any more. */
  stop(): Promise<void>;
}

const APPROVAL_EVENTS = ['ApprovalRequested', 'ApprovalDecided', 'ApprovalVoided'];

/** Keeps an eye on what the child runs of a run, of any depth, wait for people to decide. What goes wrong here, the run's own feed says. */
export function watchBelow({ api, openFeed, onChange }: WatchBelowDeps, runId: string): BelowWatch {
  const stopping = new AbortController();
  const [root = runId] = runId.split('~');
  const concerns = (stream: string): boolean => stream.startsWith(`run-${root}~`) && stream !== `run-${runId}`;
  let watching: Promise<void> | null = null;
  let known = '';

  const look = async (): Promise<void> => {
    const { value } = await api.listApprovals({ runId, status: 'pending' });
    const waiting = value
      .filter((approval) => approval.runId !== runId)
      .map((approval) => ({ id: approval.id, title: approval.title, place: approvalPlace(approval, runId) }));
    const ids = waiting.map(({ id }) => id).join();
    if (ids === known || stopping.signal.aborted) return;
    known = ids;
    onChange(waiting);
  };
  const watch = async (): Promise<void> => {
    try {
      for await (const item of openFeed({ after: 'head', types: APPROVAL_EVENTS, signal: stopping.signal }))
        if (item.kind === 'caught-up' || (item.kind === 'event' && concerns(item.event.stream))) await look();
    } catch (error) {
      if (!isFailure(error)) throw error;
    }
  };

  return {
    start: () => void (watching ??= watch()),
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}
