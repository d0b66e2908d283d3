import { describe, expect, it } from '@jest/globals';
import { runStory } from '../testing/run-story.js';
import type { Api } from './api.js';
import { runView, type FeedEvent } from '@tutti/rest-contract';
import type { FeedItem } from './feed.js';
import { followRun } from './follow-run.js';

const { events } = runStory().started().scheduled('a').taskDone('a').stepDone('a').runDone();
const never = new AbortController().signal;

/** A run whose view holds these events. */
function viewOf(recorded: readonly FeedEvent[]): Pick<Api, 'getRun'> {
  const ended = recorded.some(({ type }) => type === 'RunSucceeded');
  const run = runView.parse({ id: 'run1', status: ended ? 'succeeded' : 'running', position: recorded.at(-1)?.position ?? 0 });
  return { getRun: () => Promise.resolve({ raw: { run }, value: { run } }) };
}

async function* feedOf(...items: readonly (FeedEvent | FeedItem)[]): AsyncGenerator<FeedItem, void> {
  for (const item of items)
    yield 'kind' in item && typeof item.kind === 'string' ? (item as FeedItem) : { kind: 'event', event: item as FeedEvent };
  await Promise.resolve();
}

async function revisions(items: AsyncIterable<FeedItem>): Promise<readonly number[]> {
  const seen: number[] = [];
  for await (const item of items) if (item.kind === 'event') seen.push(item.event.revision);
  return seen;
}

describe('following a run', () => {
  it('asks for every event of the run and takes each once, in order', async () => {
    const requests: unknown[] = [];
    const feed = ({ signal: _, ...request }: { readonly signal: AbortSignal }) => {
      requests.push(request);
      return feedOf(events[0]!, events[1]!, events[1]!, events[0]!, ...events.slice(2));
    };
    expect(await revisions(followRun(viewOf(events), feed, 'run1', never))).toEqual([0, 1, 2, 3, 4]);
    expect(requests).toEqual([{ after: -1, runId: 'run1' }]);
  });

  it('ends with the run although the feed goes on', async () => {
    const later = { ...events[4]!, revision: 5, type: 'TaskResultSuperseded', position: events[4]!.position + 1 };
    expect(await revisions(followRun(viewOf(events), () => feedOf(...events, later), 'run1', never))).toEqual([0, 1, 2, 3, 4]);
  });

  it('goes on behind an end after which the run was taken up again', async () => {
    const again = events.map((event) => ({ ...event, revision: event.revision + 5, position: event.position + 100 }));
    const all = [...events, ...again];
    expect(await revisions(followRun(viewOf(all), () => feedOf(...all), 'run1', never))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('says that the connection was lost', async () => {
    const lost: FeedItem = { kind: 'lost', attempt: 1, reason: 'closed' };
    const kinds: string[] = [];
    for await (const { kind } of followRun(viewOf(events), () => feedOf(events[0]!, lost, ...events.slice(1)), 'run1', never))
      kinds.push(kind);
    expect(kinds.slice(0, 3)).toEqual(['event', 'lost', 'event']);
  });
});
