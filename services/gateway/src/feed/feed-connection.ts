import { isJsonObject, toTuttiError, TuttiError, type Cancel, type JsonValue, type Runtime } from '@tutti/kernel';
import type { EventStore } from '@tutti/event-store';
import { feedRequest, type FeedCommand, type SubscribeMessage } from '@tutti/rest-contract';
import { parseRequest, type Logger } from '@tutti/service-kit';
import type { RawData, WebSocket } from 'ws';
import { checkPermission, type Principal } from '../access/principal.js';
import { readableSelection } from '../access/readable-events.js';
import { parseJsonText } from '../door/json-text.js';
import { logLevelOf, problemOf } from '../door/problem.js';
import type { FeedConfig } from '../gateway.config.js';
import { beginAt, EventFollowing } from './event-following.js';
import type { FeedCommands } from './feed-commands.js';
import { caughtUpMessage, doneMessage, errorMessage, eventMessage, PONG_MESSAGE, type ErrorSubject } from './feed-messages.js';
import { Outbox, textBytes } from './outbox.js';
import type { RunFacts } from './run-facts.js';
import { SelectedEvents } from './selected-events.js';

const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;
const TRY_AGAIN_LATER = 1013;
/** For the client to take the rest and answer the close. */
const CLOSE_GRACE_MS = 2_000;
/** Of a close frame (RFC 6455). */
const MAX_REASON_BYTES = 123;

interface FeedConnectionParts {
  readonly principal: Principal;
  readonly config: FeedConfig;
  readonly store: EventStore;
  readonly facts: RunFacts;
  readonly commands: FeedCommands;
  readonly runtime: Pick<Runtime, 'timers'>;
  readonly logger: Logger;
  /** Told of every error that is answered. */
  readonly onRefusal: (error: unknown) => void;
  /** Calls back when the credential is over; returns how to stop that. */
  readonly watchCredential: (over: (reason: TuttiError) => void) => Cancel;
}

/** One client's socket: its subscriptions, and its commands. */
export class FeedConnection {
  readonly ended: Promise<void>;
  private readonly outbox: Outbox<string>;
  private readonly subscriptions = new Map<string, EventFollowing>();
  /** Subscriptions whose work has not ended, those that were taken back included. */
  private working = 0;
  private heard = true;
  private closing = false;
  private stopPings: Cancel = () => {};
  private readonly stopWatch: Cancel;

  constructor(
    private readonly socket: WebSocket,
    private readonly parts: FeedConnectionParts,
  ) {
    const { config, runtime } = parts;
    this.outbox = new Outbox({
      send: (text, done) => socket.send(text, done),
      sizeOf: textBytes,
      limits: { mostUnsent: config.bufferBytes, stallLimitMs: config.stallLimitMs },
      timers: runtime.timers,
      notify: (what) => (what === 'sent' ? this.hear() : this.refuseSlowReader()),
    });
    socket.on('message', (data, isBinary) => this.receive(data, isBinary));
    socket.on('pong', () => this.hear());
    socket.on('ping', () => this.boundAnswers());
    socket.on('error', (error) => parts.logger.debug('a feed client failed', { err: error }));
    this.stopWatch = parts.watchCredential(({ message }) => void this.close(POLICY_VIOLATION, message));
    this.ended = new Promise<void>((resolve) => socket.once('close', () => resolve())).then(() => this.release());
    this.armPing();
  }

  /** Ends it from this side; resolves when it is closed. */
  async close(code = GOING_AWAY, reason = 'the service is stopping'): Promise<void> {
    this.closing = true;
    const released = this.release();
    this.socket.close(code, Buffer.from(reason).subarray(0, MAX_REASON_BYTES).toString().replaceAll('\uFFFD', ''));
    const cancel = this.parts.runtime.timers.after(CLOSE_GRACE_MS, () => this.socket.terminate());
    await Promise.all([released, this.ended]);
    cancel();
  }

  private receive(data: RawData, isBinary: boolean): void {
    // What comes while it closes is not begun: nobody would hear how it ended.
    if (this.closing) return;
    this.hear();
    let subject: ErrorSubject = {};
    try {
      if (isBinary) throw new TuttiError('INVALID_REQUEST', 'the message is binary; expected JSON text');
      const message = parseJsonText(textOf(data));
      subject = subjectOf(message);
      this.handle(message);
    } catch (error) {
      this.refuse(error, subject);
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
        void this.carryOut(request);
    }
  }

  private async carryOut(command: FeedCommand): Promise<void> {
    const { ref } = command;
    try {
      this.outbox.push(doneMessage(ref, await this.parts.commands.carryOut(command)));
    } catch (error) {
      this.refuse(error, { ref });
    }
    this.pauseWhileFull();
  }

  private subscribe({ id, after, type: _, ...asked }: SubscribeMessage): void {
    const { config, store, facts, principal } = this.parts;
    checkPermission(principal, 'events:read');
    const selection = readableSelection(principal, asked);
    if (this.subscriptions.has(id)) throw new TuttiError('INVALID_REQUEST', `this socket has a subscription ${JSON.stringify(id)} already`);
    if (this.working >= config.maxSubscriptionsPerSocket) {
      throw new TuttiError(
        'OVERLOADED',
        `this socket has ${this.working} subscriptions; at most ${config.maxSubscriptionsPerSocket} are taken`,
      );
    }
    const reader = {
      room: () => this.outbox.room(),
      event: (event: Parameters<typeof eventMessage>[1]) => this.outbox.push(eventMessage(id, event)),
      caughtUp: (position: number) => this.outbox.push(caughtUpMessage(id, position)),
    };
    const following = new EventFollowing(store, new SelectedEvents(selection, facts), reader, { maxBatch: config.maxBatch });
    this.subscriptions.set(id, following);
    this.working += 1;
    void this.follow(id, following, after);
  }

  private async follow(id: string, following: EventFollowing, after: number | 'head'): Promise<void> {
    try {
      await following.run(await beginAt(this.parts.store, after));
    } catch (error) {
      if (this.subscriptions.get(id) === following) {
        this.subscriptions.delete(id);
        this.refuse(error, { id });
      }
    } finally {
      this.working -= 1;
    }
  }

  private refuse(error: unknown, subject: ErrorSubject): void {
    const problem = problemOf(error);
    this.parts.onRefusal(error);
    const level = logLevelOf(problem);
    if (level !== null) this.parts.logger[level]('a message of a feed failed', { err: toTuttiError(error), ...subject });
    this.outbox.push(errorMessage(problem, subject));
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
    this.stopPings = this.parts.runtime.timers.after(this.parts.config.pingIntervalMs, () => {
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
    this.stopWatch();
    this.outbox.close();
    // Nothing is read from the store for a client that is sent nothing more.
    const open = [...this.subscriptions.values()];
    this.subscriptions.clear();
    await Promise.all(open.map((subscription) => subscription.close()));
  }
}

function subjectOf(message: JsonValue): ErrorSubject {
  const { type, id, ref } = isJsonObject(message) ? message : {};
  const text = (value: JsonValue | undefined): string | undefined => (typeof value === 'string' ? value.slice(0, 100) : undefined);
  // A signal has an id of its own beside its ref.
  return type === 'signal' ? { ref: text(ref) } : { id: text(id), ref: text(ref) };
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString('utf8');
}
