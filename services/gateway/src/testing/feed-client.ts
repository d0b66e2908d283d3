import type { RecordedEvent } from '@tutti/kernel';
import { WebSocket, type ClientOptions } from 'ws';
import { TOKEN } from './test-gateway.js';

export interface FeedMessage {
  readonly type: string;
  readonly id?: string;
  readonly event?: RecordedEvent;
  readonly position?: number;
  readonly problem?: { readonly code: string; readonly detail: string };
}

export interface FeedClient {
  readonly socket: WebSocket;
  /** Code and reason, once it is closed. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  say(message: unknown): void;
  /** The next message that was not taken yet. */
  next(): Promise<FeedMessage>;
  /** The next so many messages. */
  take(count: number): Promise<readonly FeedMessage[]>;
}

interface ConnectOptions extends ClientOptions {
  readonly protocols?: readonly string[];
  readonly path?: string;
}

/** @throws Error with the HTTP status and body when the upgrade is refused */
export function connectFeed(url: string, { protocols = [], path = '/v1/feed', ...options }: ConnectOptions = {}): Promise<FeedClient> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, [...protocols], {
    headers: { authorization: `Bearer ${TOKEN}` },
    ...options,
  });
  const arrived: FeedMessage[] = [];
  const waiting: ((message: FeedMessage) => void)[] = [];
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as FeedMessage;
    const taker = waiting.shift();
    if (taker === undefined) arrived.push(message);
    else taker(message);
  });
  const next = (): Promise<FeedMessage> => {
    const message = arrived.shift();
    return message === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(message);
  };
  const client: FeedClient = {
    socket,
    closed: new Promise((resolve) => socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }))),
    say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    next,
    async take(count) {
      const messages: FeedMessage[] = [];
      while (messages.length < count) messages.push(await next());
      return messages;
    },
  };
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(client));
    socket.on('error', reject);
    socket.once('unexpected-response', (_, response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => reject(new Error(`${response.statusCode} ${Buffer.concat(chunks).toString()}`)));
    });
  });
}
