import { followFeed as follow, openFeedConnection, type Endpoint, type FollowedItem, type OpenSocket } from '@tutti/client/http';
import type { Runtime } from '@tutti/kernel';
import { toFailure } from '../failure/failure.js';
import type { FeedEvent } from '@tutti/rest-contract';

export interface FeedRequest {
  /** Everything behind this position; `head` for what comes from now on. */
  readonly after: number | 'head';
  readonly runId?: string;
  readonly types?: readonly string[];
  readonly categories?: readonly string[];
  readonly signal: AbortSignal;
}

export type FeedItem = Exclude<FollowedItem, { readonly kind: 'event' }> | { readonly kind: 'event'; readonly event: FeedEvent };

interface FeedDeps {
  readonly endpoint: Endpoint;
  readonly openSocket: OpenSocket;
  readonly runtime: Pick<Runtime, 'timers' | 'random' | 'clock'>;
}

/** How long the feed goes on trying without one message from the server. */
const GIVE_UP_MS = 60_000;

/**
 * Events in order of position, over a new connection when one breaks: nothing is lost or repeated. Ends without an error when the signal says so.
 *
 * @throws Failure when the server refuses, or is not to be had for {@link GIVE_UP_MS}
 */
export async function* followFeed(deps: FeedDeps, { signal, ...request }: FeedRequest): AsyncGenerator<FeedItem, void> {
  const transport = { follow: async (wanted: typeof request) => openFeedConnection(deps.endpoint, deps, wanted) };
  try {
    for await (const item of follow({ transport, runtime: deps.runtime, giveUpMs: GIVE_UP_MS }, request, signal)) yield shown(item);
  } catch (error) {
    throw toFailure(error);
  }
}

/** Every event that came has the shape that is shown; nothing else of it is looked at. */
function shown(item: FollowedItem): FeedItem {
  return item.kind === 'event' ? { kind: 'event', event: item.event as unknown as FeedEvent } : item;
}
