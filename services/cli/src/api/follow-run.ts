import type { Api } from './api.js';
import type { FeedEvent } from './api-schemas.js';
import type { FeedItem, FeedRequest } from './feed.js';

const RUN_ENDED = new Set(['RunSucceeded', 'RunFailed', 'RunCancelled']);

export type OpenFeed = (request: FeedRequest) => AsyncGenerator<FeedItem, void>;

/**
 * Every event of a run from its first, in order and each once, until the run ended or the signal says so. Reads what there is by revision,
 * then follows the feed; should a revision be missing there, it is read, so that the whole is whole whatever the feed does.
 */
export async function* followRun(
  api: Pick<Api, 'runEvents'>,
  openFeed: OpenFeed,
  runId: string,
  signal: AbortSignal,
): AsyncGenerator<FeedItem, void> {
  let next = 0;
  let position = -1;
  async function* readOn(): AsyncGenerator<FeedItem, void> {
    for (;;) {
      const { events, nextRevision } = (await api.runEvents(runId, next, signal)).value;
      for (const event of events) {
        if (event.revision < next) continue;
        next = event.revision + 1;
        position = event.position;
        yield { kind: 'event', event };
      }
      if (nextRevision === null || events.length === 0) return;
    }
  }
  for await (const item of readOn()) {
    yield item;
    if (endsRun(item)) return;
  }
  for await (const item of openFeed({ after: position, runId, signal })) {
    if (item.kind !== 'event') {
      yield item;
      continue;
    }
    if (item.event.revision < next) continue;
    if (item.event.revision > next) {
      for await (const missed of readOn()) {
        yield missed;
        if (endsRun(missed)) return;
      }
      if (item.event.revision < next) continue;
    }
    next = item.event.revision + 1;
    yield item;
    if (endsRun(item)) return;
  }
}

export function endsTheRun(event: FeedEvent): boolean {
  return RUN_ENDED.has(event.type);
}

function endsRun(item: FeedItem): boolean {
  return item.kind === 'event' && endsTheRun(item.event);
}
