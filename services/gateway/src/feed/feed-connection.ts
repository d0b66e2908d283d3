import { assertNever, isJsonObject, toTuttiError, TuttiError, type Cancel, type JsonValue, type Timers } from '@tutti/kernel';
import type { EventStore } from '@tutti/event-store';
import { parseRequest, type Logger } from '@tutti/service-kit';
import type { RawData, WebSocket } from 'ws';
import type { Principal } from '../access/principal.js';
import { parseJsonText } from '../door/json-text.js';
import { problemOf } from '../door/problem.js';

import type { FeedConfig } from '../gateway.config.js';
import { errorMessage, feedRequest, PONG_MESSAGE, type SubscribeRequest } from './feed-messages.js';
import { FeedSubscription } from './feed-subscription.js';
import { Outbox } from './outbox.js';

const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;
/** For the client to take the rest and answer the close. */
const CLOSE_GRACE_MS = 2_000;

interface FeedConnectionParts {
  readonly principal: Principal;
  readonly config: FeedConfig;
  readonly store: EventStore;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** One client's socket with its subscriptions. */
export class FeedConnection {
  readonly ended: Promise<void>;
  private readonly outbox: Outbox;
  private readonly subscriptions = new Map<string, FeedSubscription>();
  /** Subscriptions whose work has not ended, those that were taken back included. */
  private working = 0;
  private heard = true;
  private stopPings: Cancel = () => {};

  constructor(
    private readonly socket: WebSocket,
    private readonly parts: FeedConnectionParts,
  ) {
    const { config, timers } = parts;
    this.outbox = new Outbox(socket, config, timers, (what) => (what === 'sent' ? this.hear() : this.refuseSlowReader()));
    socket.on('message', (data, isBinary) => this.receive(data, isBinary));
    socket.on('pong', () => this.hear());
    socket.on('ping', () => this.boundAnswers());
    socket.on('error', (error) => parts.logger.debug('a feed client failed', { err: error }));
    this.ended = new Promise<void>((resolve) => socket.once('close', () => resolve())).then(() => this.release());
    this.armPing();
  }

  /** Ends it from this side; resolves when it is closed. */
  async close(code = GOING_AWAY, reason = 'the service is stopping'): Promise<void> {
    const released = this.release();
    this.socket.close(code, reason);
    const cancel = this.parts.timers.after(CLOSE_GRACE_MS, () => this.socket.terminate());
    await Promise.all([released, this.ended]);
    cancel();
  }

  private receive(data: RawData, isBinary: boolean): void {
    this.hear();
    let id: string | undefined;
    try {
      if (isBinary) throw new TuttiError('INVALID_REQUEST', 'the message is binary; expected JSON text');
      const message = parseJsonText(textOf(data));
      id = idOf(message);
      this.handle(message);
    } catch (error) {
      this.refuse(error, id);
    }
    this.pauseWhileFull();
  }

  private handle(message: JsonValue): void {
    const request = parseRequest(feedRequest, message);
    switch (request.type) {
      case 'subscribe':
        this.subscribe(request);
        return;
      case 'unsubscribe':
        void this.subscriptions.get(request.id)?.close();
        this.subscriptions.delete(request.id);
        return;
      case 'ping':
        this.outbox.push(PONG_MESSAGE);
        return;
      default:
        assertNever(request, 'feed message');
    }
  }

  private subscribe(request: SubscribeRequest): void {
    const { config, store } = this.parts;
    if (this.subscriptions.has(request.id))
      throw new TuttiError('INVALID_REQUEST', `this socket has a subscription ${JSON.stringify(request.id)} already`);
    if (this.working >= config.maxSubscriptionsPerSocket) {
      throw new TuttiError(
        'OVERLOADED',
        `this socket has ${this.working} subscriptions; at most ${config.maxSubscriptionsPerSocket} are taken`,
      );
    }
    const subscription = new FeedSubscription(request, store, this.outbox, config.maxBatch);
    this.subscriptions.set(request.id, subscription);
    this.working += 1;
    void this.follow(request.id, subscription);
  }

  private async follow(id: string, subscription: FeedSubscription): Promise<void> {
    try {
      await subscription.run();
    } catch (error) {
      if (this.subscriptions.get(id) === subscription) {
        this.subscriptions.delete(id);
        this.refuse(error, id);
      }
    } finally {
      this.working -= 1;
    }
  }

  private refuse(error: unknown, id: string | undefined): void {
    const problem = problemOf(error);
    if (problem.status >= 500) this.parts.logger.error('a feed subscription failed', { err: toTuttiError(error) });
    this.outbox.push(errorMessage(problem, id));
  }

  /** Who asks faster than it reads is not asked for more until it has read. */
  private pauseWhileFull(): void {
    if (!this.outbox.full || this.socket.isPaused) return;
    this.socket.pause();
    void this.outbox.room().then((open) => {
      if (open) this.socket.resume();
    });
  }

  /** The protocol's own pings are answered below the outbox. */
  private boundAnswers(): void {
    this.hear();
    if (this.socket.bufferedAmount > 2 * this.parts.config.bufferBytes) this.socket.terminate();
  }

  private hear(): void {
    this.heard = true;
  }

  private armPing(): void {
    this.stopPings = this.parts.timers.after(this.parts.config.pingIntervalMs, () => {
      // With a full outbox the ping would wait behind it; the stall limit decides then.
      if (!this.heard && !this.outbox.full) {
        this.socket.terminate();
        return;
      }
      this.heard = false;
      if (!this.outbox.full) this.socket.ping();
      this.armPing();
    });
  }

  private refuseSlowReader(): void {
    this.parts.logger.warn('closed a feed whose client does not read', { bufferBytes: this.parts.config.bufferBytes });
    void this.close(TRY_AGAIN_LATER, 'too slow; subscribe again after the last position');
  }

  private async release(): Promise<void> {
    this.stopPings();
    this.outbox.close();
    // Nothing is read from the store for a client that is sent nothing more.
    const open = [...this.subscriptions.values()];
    this.subscriptions.clear();
    await Promise.all(open.map((subscription) => subscription.close()));
  }
}

function idOf(message: JsonValue): string | undefined {
  const id = isJsonObject(message) ? message['id'] : undefined;
  return typeof id === 'string' ? id.slice(0, 100) : undefined;
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString('utf8');
}
