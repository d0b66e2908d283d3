import { START, type AllStreamResolvedEvent, type AllStreamSubscription } from '@eventstore/db-client';
import type { Cancel } from '@tutti/kernel';
import type { EventSubscription, SubscribeOptions } from '../event-store.port.js';
import { isPassing, NoAnswer, storeError } from './client-errors.js';
import { HeldEvents } from './held-events.js';
import { matches, place, positionOf, type LogReader } from './log-reader.js';
import { recordedEvent } from './recorded-event.js';
import type { ServerConnection } from './server-connection.js';
import type { StreamNames } from './stream-names.js';

const DEFAULT_MAX_BATCH = 1_000;
/** Nothing came for so long: it is looked whether there is more that did not match. */
const IDLE_MS = 40;
const IDLE_MAX_MS = 320;
const RECONNECT_MS = 50;
const RECONNECT_MAX_MS = 2_000;

interface FollowingParts {
  readonly connection: ServerConnection;
  readonly names: StreamNames;
  readonly reader: LogReader;
  /** No event of Tutti's stands at or before this position. */
  readonly beginsAfter: number;
  /** Position of the last event, for many who ask at once. */
  readonly head: () => Promise<number>;
  readonly onEnd: (following: Following) => void;
}

/**
 * A catch-up subscription with the server's filter. The server says only now and then how far it has looked through what does not match, so at rest the end of the log is
 * read as well. A connection that breaks is made again from the last position.
 */
export class Following implements EventSubscription {
  readonly ended: Promise<void>;
  /** Handed over, or known not to match, up to here. */
  private cursor: number;
  private readonly held = new HeldEvents();
  private source: AllStreamSubscription | null = null;
  private failure: Error | null = null;
  private closing = false;
  private idleMs = IDLE_MS;
  private nudged = false;
  private wake: () => void = () => {};
  private readonly forget: Cancel;

  constructor(
    private readonly options: SubscribeOptions,
    private readonly parts: FollowingParts,
  ) {
    this.cursor = options.after;
    // The client keeps quiet to whoever reads from a connection that it gave up itself.
    this.forget = parts.connection.onConnectionLost((error) => this.fail(this.source, error));
    this.ended = this.run().finally(() => {
      this.forget();
      this.disconnect();
      parts.onEnd(this);
    });
  }

  close(): Promise<void> {
    this.closing = true;
    this.wake();
    return this.ended.catch(() => undefined);
  }

  /** Something was appended: there will be something to look for soon. */
  nudge(): void {
    if (this.idleMs <= IDLE_MS) return;
    this.idleMs = IDLE_MS;
    this.nudged = true;
    this.wake();
  }

  private async run(): Promise<void> {
    // The subscriber gets its subscription before its first batch.
    await this.pause(0);
    let reconnectMs = RECONNECT_MS;
    while (!this.closing) {
      try {
        if (this.source === null) await this.connect();
        if (this.held.isEmpty && this.failure === null) await this.idle();
        // Where only the head moves there is time: what comes next may come with it.
        if (this.held.onlyMovesHead && this.failure === null) await this.pause(IDLE_MS);
        if (this.closing) return;
        if (!this.held.isEmpty) {
          this.idleMs = IDLE_MS;
          await this.handOver(this.take());
          reconnectMs = RECONNECT_MS;
        } else if (this.failure !== null) {
          throw this.failure;
        } else {
          const found = await this.lookOn();
          this.idleMs = found ? IDLE_MS : Math.min(this.idleMs * 2, IDLE_MAX_MS);
        }
      } catch (error) {
        this.disconnect();
        // What the subscriber threw it gets back as it is.
        if (error instanceof HandlerFailure) throw error.cause as Error;
        if (this.closing) return;
        this.parts.connection.noteFailure(error);
        if (!isPassing(error)) throw storeError(error);
        await this.pause(reconnectMs);
        reconnectMs = Math.min(reconnectMs * 2, RECONNECT_MAX_MS);
      }
    }
  }

  private async connect(): Promise<void> {
    this.failure = null;
    this.held.clear();
    // The server takes places where an event stands; one that is yet to come it has never heard of.
    const from = Math.max(Math.min(this.cursor, await this.parts.head()), this.parts.beginsAfter);
    const source = this.parts.connection.client.subscribeToAll({
      fromPosition: from < 0 ? START : place(from),
      filter: {
        ...this.parts.names.serverFilter(this.options.filter),
        checkpointReached: (_, { prepare }) => this.hold(source, Number(prepare), null),
      },
    });
    this.source = source;
    source.on('data', (resolved: AllStreamResolvedEvent) => this.receive(source, resolved));
    source.on('confirmation', () => this.parts.connection.answered());
    source.on('error', (error) => this.fail(source, error));
    source.on('end', () => this.fail(source, new NoAnswer('the server ended the subscription')));
    source.on('close', () => this.fail(source, new NoAnswer('the subscription was closed')));
  }

  private disconnect(): void {
    const { source } = this;
    this.source = null;
    this.failure = null;
    this.held.clear();
    if (source === null) return;
    source.removeAllListeners('data');
    void source.unsubscribe().catch(() => undefined);
    source.destroy();
  }

  private receive(source: AllStreamSubscription, { event }: AllStreamResolvedEvent): void {
    if (event === undefined) return;
    const stream = this.parts.names.own(event.streamId);
    if (stream === null) return;
    try {
      this.hold(source, positionOf(event), recordedEvent(stream, event));
    } catch (error) {
      this.fail(source, error);
    }
  }

  private hold(source: AllStreamSubscription, position: number, event: ReturnType<typeof recordedEvent> | null): void {
    if (source !== this.source) return;
    this.held.push({ position, event });
    if (this.held.isFull) source.pause();
    this.wake();
  }

  private fail(source: AllStreamSubscription | null, error: unknown): void {
    if (source === null || source !== this.source) return;
    this.failure ??= error instanceof Error ? error : new NoAnswer(String(error));
    this.wake();
  }

  private take(): { readonly events: ReturnType<HeldEvents['take']>['events']; readonly head: number } {
    const { maxBatch = DEFAULT_MAX_BATCH, filter } = this.options;
    const taken = this.held.take(this.cursor, maxBatch, (event) => matches(event, filter));
    if (this.source?.isPaused() === true && this.held.hasRoom) this.source.resume();
    return taken;
  }

  /** Everything that moves its head is sent to it then. */
  private get takesEverything(): boolean {
    const { categories, types } = this.options.filter ?? {};
    return categories === undefined && types === undefined;
  }

  /** Nothing comes: what stands behind the cursor does not match, or is on its way; either is read here. False when there is nothing. */
  private async lookOn(): Promise<boolean> {
    if (this.takesEverything || (await this.parts.head()) <= this.cursor || !this.held.isEmpty || this.closing) return false;
    const { maxBatch = DEFAULT_MAX_BATCH, filter } = this.options;
    for await (const page of this.parts.reader.forwards(this.cursor + 1)) {
      for (let start = 0; start < page.length; start += maxBatch) {
        const part = page.slice(start, start + maxBatch);
        const head = part.at(-1)?.position ?? this.cursor;
        if (this.closing) return true;
        if (head > this.cursor)
          await this.handOver({ events: part.filter((event) => event.position > this.cursor && matches(event, filter)), head });
      }
      // What has come meanwhile is taken from there.
      if (!this.held.isEmpty) return true;
    }
    return true;
  }

  private async handOver({ events, head }: ReturnType<Following['take']>): Promise<void> {
    if (head <= this.cursor) return;
    this.cursor = head;
    try {
      await this.options.onBatch(events, head);
    } catch (cause) {
      throw new HandlerFailure(cause);
    }
  }

  private async idle(): Promise<void> {
    this.nudged = false;
    await this.pause(this.idleMs);
    // What was appended is on its way, if it is for this subscription.
    if (this.nudged && this.held.isEmpty && this.failure === null) await this.pause(IDLE_MS);
  }

  private async pause(ms: number): Promise<void> {
    if (this.closing) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.wake = resolve;
    const cancel = this.parts.connection.runtime.timers.after(ms, resolve, 'upkeep');
    await promise;
    cancel();
  }
}

/** Sets what the subscriber threw apart from what the server said. */
class HandlerFailure extends Error {
  constructor(cause: unknown) {
    super('the handler failed', { cause });
  }
}
