import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSystemRuntime, openWebSocket } from '@tutti/client/http';
import { startFakeServer, type FakeServer } from '../testing/fake-server.js';
import { runStory } from '../testing/run-story.js';
import { followFeed, type FeedItem } from './feed.js';

let server: FakeServer;
beforeEach(async () => (server = await startFakeServer()));
afterEach(() => server.close());

const story = runStory().started().scheduled('a').taskDone('a').stepDone('a').runDone();

function follow(
  signal: AbortSignal,
  options: { readonly token?: string; readonly after?: number | 'head' } = {},
): AsyncGenerator<FeedItem, void> {
  const endpoint = { url: server.url, token: options.token ?? 'secret-token', actor: 'user:ann' };
  return followFeed(
    { endpoint, openSocket: openWebSocket, runtime: createSystemRuntime() },
    { after: options.after ?? 0, runId: 'run1', signal },
  );
}

describe('the feed', () => {
  it('resumes behind the last event after every break, without loss or repetition', async () => {
    server.addRun('run1', {}, story.events.slice(0, 2));
    const stop = new AbortController();
    const seen: number[] = [];
    let lost = 0;
    let next = 2;
    for await (const item of follow(stop.signal)) {
      if (item.kind === 'event') seen.push(item.event.revision);
      if (item.kind === 'lost') {
        lost += 1;
        const missed = story.events[next++];
        if (missed !== undefined) server.append('run1', missed);
      }
      if (item.kind === 'caught-up' && next < story.events.length) server.dropFeeds();
      if (seen.length === story.events.length) stop.abort();
    }
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    expect(lost).toBe(3);
    expect(server.subscriptions).toEqual([0, ...[1, 2, 3].map((revision) => story.events[revision]?.position)]);
  });

  it('goes on from where the server stood when it began at the head', async () => {
    server.addRun('run1', {}, story.events.slice(0, 2));
    const stop = new AbortController();
    const seen: number[] = [];
    for await (const item of follow(stop.signal, { after: 'head' })) {
      if (item.kind === 'caught-up' && seen.length === 0) server.dropFeeds();
      if (item.kind === 'lost') server.append('run1', story.events[2]!);
      if (item.kind === 'event') {
        seen.push(item.event.revision);
        stop.abort();
      }
    }
    expect(seen).toEqual([2]);
  });

  it('does not try again when the token is refused', async () => {
    await expect(follow(new AbortController().signal, { token: 'wrong' }).next()).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      exitCode: 7,
    });
  });

  it('ends without an error when it is told to, also while it waits', async () => {
    server.addRun('run1', {}, []);
    const stop = new AbortController();
    const items: string[] = [];
    for await (const item of follow(stop.signal)) {
      items.push(item.kind);
      stop.abort();
    }
    expect(items).toEqual(['caught-up']);
  });
});
