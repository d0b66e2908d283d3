import type { Cancel, RecordedEvent, Runtime } from '@tutti/kernel';
import { feedEvent } from '@tutti/rest-contract';
import { z } from 'zod';
import { TuttiClientError } from '../client-error.js';
import type { Endpoint } from '../locating/endpoint.js';
import type { FeedSocket, OpenSocket } from '../system/client-system.port.js';
import type { FeedConnection, FeedItem, FollowRequest } from '../transport.port.js';
import { createChannel, type Channel } from './channel.js';
import { errorFromAnswer, errorFromProblem } from './problem-document.js';

interface FeedDeps {
  readonly openSocket: OpenSocket;
  readonly runtime: Pick<Runtime, 'timers'>;
}

const PING_MS = 10_000;
const SILENCE_LIMIT_MS = 30_000;
const HIGH_MARK = 1_000;
/** One socket has one subscription here. */
const SUBSCRIPTION = 'client';

const serverMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('event'), event: feedEvent }),
  z.object({ type: z.literal('caught-up'), position: z.coerce.number() }),
  z.object({ type: z.literal('error'), problem: z.unknown().optional() }),
  z.object({ type: z.literal('pong') }),
]);

/** One WebSocket with one subscription. Iterating it throws UNREACHABLE, which may be tried again, when it breaks, and what the server refuses it with. */
export function openFeedConnection(endpoint: Endpoint, deps: FeedDeps, request: FollowRequest): FeedConnection {
  const { timers } = deps.runtime;
  const url = `${endpoint.url.replace(/^http/, 'ws')}/v1/feed`;
  const items: Channel<FeedItem> = createChannel({
    highMark: HIGH_MARK,
    onFull: () => socket.pause(),
    onDrained: () => socket.resume(),
  });
  let stopPing: Cancel = () => {};
  let stopSilence: Cancel = () => {};
  const lost = (reason: string): void => items.fail(new TuttiClientError('UNREACHABLE', reason, { where: url, retryable: true }));
  const heard = (): void => {
    stopSilence();
    stopSilence = timers.after(SILENCE_LIMIT_MS, () => {
      lost(`nothing came for ${SILENCE_LIMIT_MS / 1000} s`);
      socket.terminate();
    });
  };
  const ping = (): void => {
    socket.send(JSON.stringify({ type: 'ping' }));
    stopPing = timers.after(PING_MS, ping);
  };
  const socket: FeedSocket = deps.openSocket(url, feedHeaders(endpoint), {
    opened() {
      socket.send(JSON.stringify({ type: 'subscribe', id: SUBSCRIPTION, ...request }));
      heard();
      stopPing = timers.after(PING_MS, ping);
    },
    message(text) {
      heard();
      const parsed = serverMessage.safeParse(parseJson(text));
      // What a newer server says besides is passed over.
      if (!parsed.success) return;
      const message = parsed.data;
      if (message.type === 'event') items.push({ kind: 'event', event: message.event as unknown as RecordedEvent });
      else if (message.type === 'caught-up') items.push({ kind: 'caught-up', position: message.position });
      else if (message.type === 'error') items.fail(errorFromProblem(message.problem, url));
    },
    refused: (status, body) => items.fail(errorFromAnswer(status, body, url, null)),
    closed: lost,
  });
  return {
    [Symbol.asyncIterator]: () => items[Symbol.asyncIterator](),
    close() {
      items.end();
      stopPing();
      stopSilence();
      socket.terminate();
    },
  };
}

function feedHeaders({ token, actor }: Endpoint): Readonly<Record<string, string>> {
  return { ...(actor === null ? {} : { 'tutti-actor': actor }), ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
