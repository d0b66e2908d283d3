import { describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@tutti/kernel';
import { createManualRuntime } from '@tutti/kernel/testing';
import { TuttiClientError } from '../client-error.js';
import type { FeedItem, FollowRequest } from '../transport.port.js';
import { followFeed, type FollowedItem } from './follow-feed.js';

const GIVE_UP_MS = 60_000;
const lost = new TuttiClientError('UNREACHABLE', 'closed with 1006', { retryable: true });

function event(position: number): FeedItem {
  return { kind: 'event', event: { position } as RecordedEvent };
}

/** One connection after the other: what it gives, then the error it ends with. Refused for ever behind the last. */
function follow(connections: readonly (readonly (FeedItem | Error)[])[], after: FollowRequest['after'] = -1) {
  const runtime = createManualRuntime();
  const requests: FollowRequest['after'][] = [];
  const closed: number[] = [];
  const stop = new AbortController();
  const transport = {
    async follow(request: FollowRequest) {
      const number = requests.push(request.after) - 1;
      const script = connections[number];
      if (script === undefined) throw lost;
      async function* items(): AsyncGenerator<FeedItem, void> {
        for (const item of script ?? []) {
          if (item instanceof Error) throw item;
          yield item;
        }
        // Open, and silent.
        await new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()));
      }
      return { [Symbol.asyncIterator]: items, close: () => void closed.push(number) };
    },
  };
  const seen: (number | string)[] = [];
  const note = (item: FollowedItem): void =>
    void seen.push(
      item.kind === 'event' ? item.event.position : item.kind === 'lost' ? `lost ${item.attempt}` : `caught up ${item.position}`,
    );
  const outcome = (async () => {
    for await (const item of followFeed({ transport, runtime, giveUpMs: GIVE_UP_MS }, { after }, stop.signal)) note(item);
    return 'ended';
  })().catch((error: unknown) => error);
  return { runtime, requests, closed, seen, stop, outcome };
}

describe('following the feed', () => {
  it('resumes behind the last position that was taken, and says that it was lost', async () => {
    const { runtime, requests, closed, seen, stop, outcome } = follow([[event(3), event(7), lost], [lost], [event(9)]]);
    await runtime.advance(2_000);
    expect(seen).toEqual([3, 7, 'lost 1', 'lost 2', 9]);
    expect(requests).toEqual([-1, 7, 7]);
    stop.abort();
    expect(await outcome).toBe('ended');
    expect(closed).toEqual(expect.arrayContaining([0, 1, 2]));
    expect(runtime.pending()).toBe(0);
  });

  it('goes on from where the server stood when it began at the head', async () => {
    const { runtime, requests, stop, outcome } = follow([[{ kind: 'caught-up', position: 5 }, lost], []], 'head');
    await runtime.advance(2_000);
    expect(requests).toEqual(['head', 5]);
    stop.abort();
    await outcome;
  });

  it('ends with the error that will not pass', async () => {
    const refused = new TuttiClientError('UNAUTHENTICATED', 'the token is missing or not known');
    const { requests, outcome } = follow([[refused]]);
    expect(await outcome).toBe(refused);
    expect(requests).toHaveLength(1);
  });

  it('gives up a server that is gone for too long', async () => {
    const { runtime, outcome } = follow([[event(1), lost]]);
    await runtime.advance(GIVE_UP_MS + 10_000);
    expect(await outcome).toMatchObject({ code: 'UNREACHABLE', retryable: false, cause: lost });
  });

  it('ends without an error when it is told to while it waits for the server', async () => {
    const { runtime, stop, outcome } = follow([[lost]]);
    await runtime.advance(0);
    stop.abort();
    expect(await outcome).toBe('ended');
    expect(runtime.pending()).toBe(0);
  });
});
