import type { Cancel, Runtime } from '@tutti/kernel';
import { z } from 'zod';
import type { FeedSocket, OpenSocket } from '../environment.port.js';
import { EXIT } from '../failure/exit-codes.js';
import { Failure } from '../failure/failure.js';
import { failureFromAnswer, failureFromProblem } from '../failure/problem-document.js';
import { feedEvent, type FeedEvent } from './api-schemas.js';
import { createChannel, type Channel } from './channel.js';
import { pause, type Endpoint } from './http-client.js';

export interface FeedRequest {
  /** Everything behind this position; `head` for what comes from now on. */
  readonly after: number | 'head';
  readonly runId?: string;
  readonly types?: readonly string[];
  readonly signal: AbortSignal;
}

export type FeedItem =
  | { readonly kind: 'event'; readonly event: FeedEvent }
  | { readonly kind: 'caught-up'; readonly position: number }
  | { readonly kind: 'lost'; readonly attempt: number; readonly reason: string };

interface FeedDeps {
  readonly endpoint: Endpoint;
  readonly openSocket: OpenSocket;
  readonly runtime: Pick<Runtime, 'timers' | 'random' | 'clock'>;
}

const PING_MS = 10_000;
const SILENCE_LIMIT_MS = 30_000;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
/** How long the feed goes on trying without one message from the server. */
const GIVE_UP_MS = 60_000;
const SUBSCRIPTION = 'cli';
/** Before the first event, whose position is 0. */
const NO_POSITION = -1;

const serverMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('event'), event: feedEvent }),
  z.object({ type: z.literal('caught-up'), position: z.coerce.number() }),
  z.object({ type: z.literal('error'), problem: z.unknown().optional() }),
  z.object({ type: z.literal('pong') }),
]);

/**
 * Events in order of position over one WebSocket, and over a new one when it breaks: each resumes behind the last position that was taken
 * from here, so nothing is lost or repeated. Ends without an error when the signal says so.
 *
 * @throws Failure when the server refuses, or is not to be had for {@link GIVE_UP_MS}
 */
export async function* followFeed(deps: FeedDeps, request: FeedRequest): AsyncGenerator<FeedItem, void> {
  let after = request.after;
  let attempt = 0;
  let lastSignOfLife = deps.runtime.clock.monotonic();
  while (!request.signal.aborted) {
    const connection = connect(deps, { ...request, after });
    try {
      for await (const item of connection.items) {
        lastSignOfLife = deps.runtime.clock.monotonic();
        attempt = 0;
        after = item.kind === 'event' ? item.event.position : Math.max(item.position, after === 'head' ? NO_POSITION : after);
        yield item;
      }
      return;
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
      attempt += 1;
      if (deps.runtime.clock.monotonic() - lastSignOfLife > GIVE_UP_MS) {
        throw new Failure(
          'UNREACHABLE',
          `lost ${deps.endpoint.url} and could not get it back within ${GIVE_UP_MS / 1000} s: ${error.message}`,
          { exitCode: EXIT.notRunning },
        );
      }
      yield { kind: 'lost', attempt, reason: error.message };
    } finally {
      connection.close();
    }
    const backoff = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt, 10));
    await pause(deps.runtime, backoff * (0.5 + deps.runtime.random.next() / 2), request.signal);
  }
}

class ConnectionLost extends Error {}

type Received = Exclude<FeedItem, { readonly kind: 'lost' }>;

interface Connection {
  readonly items: Channel<Received>;
  close(): void;
}

/** One socket with one subscription. `items` ends when the signal says so, and fails with ConnectionLost when it is worth trying again. */
function connect(deps: FeedDeps, request: FeedRequest): Connection {
  const { timers } = deps.runtime;
  const items: Channel<Received> = createChannel({ highMark: 1_000, onFull: () => socket.pause(), onDrained: () => socket.resume() });
  let stopPing: Cancel = () => {};
  let stopSilence: Cancel = () => {};
  const heard = (): void => {
    stopSilence();
    stopSilence = timers.after(SILENCE_LIMIT_MS, () => {
      items.fail(new ConnectionLost(`nothing came for ${SILENCE_LIMIT_MS / 1000} s`));
      socket.terminate();
    });
  };
  const ping = (): void => {
    socket.send(JSON.stringify({ type: 'ping' }));
    stopPing = timers.after(PING_MS, ping);
  };
  const { after, runId, types } = request;
  const socket: FeedSocket = deps.openSocket(feedUrl(deps.endpoint.url), feedHeaders(deps.endpoint), {
    opened() {
      socket.send(JSON.stringify({ type: 'subscribe', id: SUBSCRIPTION, after, runId, types }));
      heard();
      stopPing = timers.after(PING_MS, ping);
    },
    message(text) {
      heard();
      const parsed = serverMessage.safeParse(parseJson(text));
      // What a newer server says besides is passed over.
      if (!parsed.success) return;
      const message = parsed.data;
      if (message.type === 'event') items.push({ kind: 'event', event: message.event });
      else if (message.type === 'caught-up') items.push({ kind: 'caught-up', position: message.position });
      else if (message.type === 'error') fail(failureFromProblem(message.problem, feedUrl(deps.endpoint.url)));
    },
    refused: (status, body) => fail(failureFromAnswer(status, body, feedUrl(deps.endpoint.url), null)),
    closed: (reason) => items.fail(new ConnectionLost(reason)),
  });
  const fail = (failure: Failure): void => items.fail(failure.retryable ? new ConnectionLost(failure.message) : failure);
  const onAbort = (): void => items.end();
  request.signal.addEventListener('abort', onAbort);
  return {
    items,
    close() {
      request.signal.removeEventListener('abort', onAbort);
      items.end();
      stopPing();
      stopSilence();
      socket.terminate();
    },
  };
}

function feedUrl(url: string): string {
  return `${url.replace(/^http/, 'ws')}/v1/feed`;
}

function feedHeaders({ token, actor }: Endpoint): Readonly<Record<string, string>> {
  return { 'tutti-actor': actor, ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
