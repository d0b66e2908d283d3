import type { Runtime } from '@tutti/kernel';
import { isClientError, TuttiClientError } from '../client-error.js';
import { backoffMs, pause } from '../retry/retrying.js';
import type { FeedItem, FollowRequest, Transport } from '../transport.port.js';

export type FollowedItem = FeedItem | { readonly kind: 'lost'; readonly attempt: number; readonly reason: string };

interface FollowDeps {
  readonly transport: Pick<Transport, 'follow'>;
  readonly runtime: Pick<Runtime, 'timers' | 'random' | 'clock'>;
  /** How long it goes on trying without one message from the server. */
  readonly giveUpMs: number;
}

const WAITS = { firstWaitMs: 200, longestWaitMs: 5_000 };
/** Before the first event, whose position is 0. */
const NO_POSITION = -1;

/**
 * Events in order of position over one connection, and over a new one when it breaks: each resumes behind the last position that was taken
 * from here, so nothing is lost or repeated. Ends without an error when the signal says so.
 *
 * @throws TuttiClientError when the server refuses; UNREACHABLE when it is not to be had for so long
 */
export async function* followFeed(deps: FollowDeps, request: FollowRequest, signal: AbortSignal): AsyncGenerator<FollowedItem, void> {
  const { clock } = deps.runtime;
  let after = request.after;
  let attempt = 0;
  let lastSignOfLife = clock.monotonic();
  while (!signal.aborted) {
    try {
      const connection = await deps.transport.follow({ ...request, after });
      const close = (): void => connection.close();
      signal.addEventListener('abort', close);
      try {
        if (signal.aborted) return;
        for await (const item of connection) {
          lastSignOfLife = clock.monotonic();
          attempt = 0;
          after = item.kind === 'event' ? item.event.position : Math.max(item.position, after === 'head' ? NO_POSITION : after);
          yield item;
          if (signal.aborted) return;
        }
        return;
      } finally {
        signal.removeEventListener('abort', close);
        connection.close();
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!isClientError(error) || !error.retryable) throw error;
      attempt += 1;
      if (clock.monotonic() - lastSignOfLife > deps.giveUpMs) {
        const message = `lost the server and could not get it back within ${deps.giveUpMs / 1000} s: ${error.message}`;
        throw new TuttiClientError('UNREACHABLE', message, { cause: error });
      }
      yield { kind: 'lost', attempt, reason: error.message };
      await pause(deps.runtime, Math.max(error.retryAfterMs ?? 0, backoffMs(attempt, WAITS, deps.runtime)), signal);
    }
  }
}
