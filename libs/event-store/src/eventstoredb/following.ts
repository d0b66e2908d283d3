import type { Cancel } from '@tutti/kernel';
import { eventMatcher, type EventMatcher } from '../event-filter.js';
import type { EventSubscription, SubscribeOptions } from '../event-store.port.js';
import { commandError, isPassing, NoAnswer, storeError } from './client-errors.js';
import { HeldEvents } from './held-events.js';
import type { LogReader } from './log-reader.js';
import type { ReadAnswer, ServerRecord } from './read-answers.js';
import { subscribeRequest } from './read-requests.js';
import { recordedEvent } from './recorded-event.js';
import type { SeenAppends, SeenSource } from './seen-appends.js';
import type { ReadCall, ServerConnection } from './server-connection.js';
import type { StreamNames } from './stream-names.js';

const DEFAULT_MAX_BATCH = 1_000;
/** Nothing came for so long: it is looked whether there is more that did not match. */
const IDLE_MS = 40;
const IDLE_MAX_MS = 320;
const HURRY_MS = 5;
/** The log has what this subscription wants and the server does not send it: it is made anew. */
const STUCK_MS = 5_000;
const RECONNECT_MS = 50;
const RECONNECT_MAX_MS = 2_000;

interface FollowingParts {
  readonly connection: ServerConnection;
  readonly names: StreamNames;
  readonly reader: LogReader;
  readonly seen: SeenAppends;
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
export class Following implements EventSubscription, SeenSource {
  readonly ended: Promise<void>;
  /** Handed over, or known not to match, up to here. */
  private cursor: number;
  private readonly held = new HeldEvents();
  private readonly isWanted: EventMatcher;
  private source: ReadCall | null = null;
  private failure: Error | null = null;
  private closing = false;
  private idleMs = IDLE_MS;
  private nudged = false;
  /** The log reaches so far at least. */
  private hurriedTo = -1;
  private lookedAt = Number.NEGATIVE_INFINITY;
  /** The server sent what there is up to here. */
  private brought = -1;
  /** So far it has to come before it is relied on for what was appended. */
  private expected = -1;
  /** Read from the log before the server sent it, and when, by the monotonic clock. */
  private missed: { readonly position: number; readonly since: number } | null = null;
  private cameAt = 0;
  private wake: () => void = () => {};
  private readonly forget: readonly Cancel[];

  constructor(
    private readonly options: SubscribeOptions,
    private readonly parts: FollowingParts,
  ) {
    this.cursor = options.after;
    this.isWanted = eventMatcher(options.filter);
    // A call on a connection that was given up is not always told.
    this.forget = [parts.connection.onConnectionLost((error) => this.fail(this.source, error)), parts.seen.join(this)];
    this.ended = this.run().finally(() => {
      for (const forget of this.forget) forget();
      this.disconnect();
      parts.onEnd(this);
    });
  }

  close(): Promise<void> {
    this.closing = true;
    this.wake();
    return this.ended.catch(() => undefined);
  }

  /** Something was appended: if this subscription is not sent it, its head is to move all the same. */
  nudge(): void {
    const { clock } = this.parts.connection.runtime;
    if (this.idleMs <= IDLE_MS || clock.monotonic() - this.lookedAt < IDLE_MAX_MS) return;
    this.idleMs = IDLE_MS;
    this.nudged = true;
    this.wake();
  }

  /** Somebody was told that the log reaches so far, and may wait until this subscription does. */
  hurryTo(head: number): void {
    // One that catches up has enough to do.
    if (head <= this.cursor || this.takesEverything || !this.isLive()) return;
    this.hurriedTo = Math.max(this.hurriedTo, head);
    this.wake();
  }

  isLive(): boolean {
    return this.source !== null && this.failure === null && !this.source.isPaused() && this.brought >= this.expected;
  }

  brings(stream: string, type: string): boolean {
    return this.isWanted({ stream, type });
  }

  isBehind(position: number): void {
    this.expected = Math.max(this.expected, position);
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
          const taken = this.next();
          if (taken.events.length > 0) this.idleMs = IDLE_MS;
          await this.handOver(taken);
          reconnectMs = RECONNECT_MS;
        } else if (this.failure !== null) {
          throw this.failure;
        } else {
          this.idleMs = (await this.lookOn()) ? IDLE_MS : Math.min(this.idleMs * 2, IDLE_MAX_MS);
          this.checkSource();
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
    const { connection, names, head: askHead, beginsAfter } = this.parts;
    this.failure = null;
    this.held.clear();
    const head = await askHead();
    // The server takes places where an event stands; one that is yet to come it has never heard of.
    const from = Math.max(Math.min(this.cursor, head), beginsAfter);
    const opening = connection.read(subscribeRequest(from < 0 ? 'start' : from, names.serverFilter(this.options.filter)));
    const { call: source, streams } = await connection.within(opening).catch((error: unknown) => {
      opening.then(({ call }) => call.on('error', () => undefined).cancel()).catch(() => undefined);
      throw error;
    });
    this.source = source;
    [this.brought, this.expected, this.missed, this.cameAt] = [from, head, null, connection.runtime.clock.monotonic()];
    source.on('data', (answer: ReadAnswer) => this.receive(source, answer, head));
    source.on('error', (error) => {
      // What this side lets go is no fault of the connection.
      if (source === this.source) connection.lost(streams, error);
      this.fail(source, commandError(error));
    });
    source.on('end', () => this.fail(source, new NoAnswer('the server ended the subscription')));
  }

  private disconnect(): void {
    const { source } = this;
    this.source = null;
    this.failure = null;
    this.held.clear();
    source?.cancel();
  }

  private receive(source: ReadCall, answer: ReadAnswer, head: number): void {
    if (source !== this.source) return;
    const { connection, seen } = this.parts;
    this.cameAt = connection.runtime.clock.monotonic();
    switch (answer.kind) {
      case 'event':
        seen.take(answer.event);
        this.take(source, answer.event);
        return;
      case 'checkpoint':
        this.hold(source, { position: answer.position, event: null });
        return;
      case 'caught-up':
        this.brought = Math.max(this.brought, head);
        return;
      case 'confirmed':
        connection.answered();
        return;
      case 'not-found':
      case 'other':
    }
  }

  private take(source: ReadCall, record: ServerRecord): void {
    const stream = this.parts.names.own(record.stream);
    if (stream === null) return;
    const { position, type, data } = record;
    try {
      const event = this.isWanted({ stream, type }) ? recordedEvent(stream, record) : null;
      this.hold(source, { position, event }, event === null ? 0 : data.length);
    } catch (error) {
      this.fail(source, error);
    }
  }

  private hold(source: ReadCall, item: Parameters<HeldEvents['push']>[0], units = 0): void {
    this.held.push(item, units);
    this.brought = Math.max(this.brought, item.position);
    if (this.missed !== null && item.position >= this.missed.position) this.missed = null;
    if (this.held.isFull) source.pause();
    this.wake();
  }

  private fail(source: ReadCall | null, error: unknown): void {
    if (source === null || source !== this.source) return;
    this.failure ??= error instanceof Error ? error : new NoAnswer(String(error));
    this.wake();
  }

  private next(): ReturnType<HeldEvents['take']> {
    // What is not wanted was not taken.
    const taken = this.held.take(this.cursor, this.maxBatch, () => true);
    if (this.source?.isPaused() === true && this.held.hasRoom) this.source.resume();
    return taken;
  }

  private get maxBatch(): number {
    return this.options.maxBatch ?? DEFAULT_MAX_BATCH;
  }

  /** Everything that moves its head is sent to it then. */
  private get takesEverything(): boolean {
    const { categories, types } = this.options.filter ?? {};
    return categories === undefined && types === undefined;
  }

  /** Nothing comes: what stands behind the cursor does not match, or is on its way; either is read here. True when there was something that matches. */
  private async lookOn(): Promise<boolean> {
    const { clock } = this.parts.connection.runtime;
    if (this.takesEverything && clock.monotonic() - this.cameAt < STUCK_MS) return false;
    this.lookedAt = clock.monotonic();
    const head = this.hurriedTo > this.cursor ? this.hurriedTo : await this.parts.head();
    if (head <= this.cursor || !this.held.isEmpty || this.closing) {
      this.cameAt = clock.monotonic();
      return false;
    }
    let found = false;
    for await (const { events, last } of this.parts.reader.forwards(this.cursor + 1, this.isWanted)) {
      const position = events.at(-1)?.position;
      if (position !== undefined) {
        found = true;
        this.missed ??= position > this.brought ? { position, since: clock.monotonic() } : null;
      }
      for (let start = 0; start === 0 || start < events.length; start += this.maxBatch) {
        const part = events.slice(start, start + this.maxBatch);
        if (this.closing) return true;
        await this.handOver({
          events: part.filter((event) => event.position > this.cursor),
          head: start + this.maxBatch < events.length ? (part.at(-1)?.position ?? this.cursor) : last,
        });
      }
      // What has come meanwhile is taken from there.
      if (!this.held.isEmpty) return true;
    }
    return found;
  }

  /** @throws NoAnswer when the server keeps to itself what it should have sent long ago */
  private checkSource(): void {
    if (this.missed === null || this.parts.connection.runtime.clock.monotonic() - this.missed.since < STUCK_MS) return;
    throw new NoAnswer(`the subscription has not brought the event at ${this.missed.position} within ${STUCK_MS} ms`);
  }

  private async handOver({ events, head }: ReturnType<HeldEvents['take']>): Promise<void> {
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
    if (this.hurriedTo <= this.cursor) await this.pause(this.idleMs);
    // What was appended is on its way, if it is for this subscription.
    const wait = this.hurriedTo > this.cursor ? HURRY_MS : IDLE_MS;
    if ((this.nudged || wait === HURRY_MS) && this.held.isEmpty && this.failure === null) await this.pause(wait);
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
