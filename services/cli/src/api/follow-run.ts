import { followRun as follow, hasEnded } from '@tutti/client/http';
import type { RecordedEvent } from '@tutti/kernel';
import type { Api } from './api.js';
import type { FeedEvent } from '@tutti/rest-contract';
import type { FeedItem, FeedRequest } from './feed.js';

export type OpenFeed = (request: FeedRequest) => AsyncGenerator<FeedItem, void>;

/** Every event of a run from its first, in order and each once, until the run has ended or the signal says so. */
export async function* followRun(
  api: Pick<Api, 'getRun'>,
  openFeed: OpenFeed,
  runId: string,
  signal: AbortSignal,
): AsyncGenerator<FeedItem, void> {
  const deps = {
    openFeed: async function* (request: Omit<FeedRequest, 'signal'>) {
      for await (const item of openFeed({ ...request, signal }))
        yield item.kind === 'event' ? { kind: item.kind, event: item.event as unknown as RecordedEvent } : item;
    },
    isOver: async (position: number): Promise<boolean> => {
      const { run } = (await api.getRun(runId, position)).value;
      return hasEnded(run) && run.position <= position;
    },
  };
  for await (const item of follow(deps, { runId, after: -1, signal }))
    yield item.kind === 'event' ? { kind: item.kind, event: item.event as unknown as FeedEvent } : item;
}
