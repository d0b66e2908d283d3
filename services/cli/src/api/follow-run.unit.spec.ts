import { describe, expect, it } from '@jest/globals';
import { runStory } from '../testing/run-story.js';
import type { Api } from './api.js';
import type { FeedEvent } from './api-schemas.js';
import type { FeedItem } from './feed.js';
import { followRun } from './follow-run.js';

const PAGE = 2;

/** The REST pages of what is recorded, which may grow. */
function pages(recorded: readonly FeedEvent[], readable: () => number): Pick<Api, 'runEvents'> {
  return {
    runEvents: (_id, from) => {
      const events = recorded.slice(from, Math.min(from + PAGE, readable()));
      const value = { events: [...events], nextRevision: from + PAGE < readable() ? from + PAGE : null };
      return Promise.resolve({ raw: value, value });
    },
  };
}

async function* feedOf(...events: readonly FeedEvent[]): AsyncGenerator<FeedItem, void> {
  for (const event of events) yield { kind: 'event', event };
  await Promise.resolve();
}

async function revisions(items: AsyncIterable<FeedItem>): Promise<readonly number[]> {
  const seen: number[] = [];
  for await (const item of items) if (item.kind === 'event') seen.push(item.event.revision);
  return seen;
}

const { events } = runStory().started().scheduled('a').taskDone('a').stepDone('a').runDone();
const never = new AbortController().signal;

describe('following a run', () => {
  it('reads what is there, then follows behind its last position', async () => {
    const after: unknown[] = [];
    const feed = (request: { readonly after: unknown }) => {
      after.push(request.after);
      return feedOf(...events.slice(3));
    };
    expect(
      await revisions(
        followRun(
          pages(events, () => 3),
          feed,
          'run1',
          never,
        ),
      ),
    ).toEqual([0, 1, 2, 3, 4]);
    expect(after).toEqual([events[2]?.position]);
  });

  it('opens no feed for a run that has ended', async () => {
    const feed = () => {
      throw new Error('opened a feed');
    };
    expect(
      await revisions(
        followRun(
          pages(events, () => 5),
          feed,
          'run1',
          never,
        ),
      ),
    ).toEqual([0, 1, 2, 3, 4]);
  });

  it('takes each event once when the feed repeats some', async () => {
    expect(
      await revisions(
        followRun(
          pages(events, () => 3),
          () => feedOf(events[1]!, events[2]!, events[3]!, events[3]!, events[4]!),
          'run1',
          never,
        ),
      ),
    ).toEqual([0, 1, 2, 3, 4]);
  });

  it('reads what the feed left out', async () => {
    let readable = 1;
    async function* leaky(): AsyncGenerator<FeedItem, void> {
      readable = 4;
      yield { kind: 'event', event: events[3]! };
      yield { kind: 'event', event: events[4]! };
      await Promise.resolve();
    }
    expect(
      await revisions(
        followRun(
          pages(events, () => readable),
          leaky,
          'run1',
          never,
        ),
      ),
    ).toEqual([0, 1, 2, 3, 4]);
  });

  it('ends with the run although the feed goes on', async () => {
    const later = { ...events[4]!, revision: 5, type: 'TaskResultSuperseded' };
    expect(
      await revisions(
        followRun(
          pages(events, () => 1),
          () => feedOf(...events.slice(1), later),
          'run1',
          never,
        ),
      ),
    ).toEqual([0, 1, 2, 3, 4]);
  });
});
