import { EventStoreDBClient } from '@eventstore/db-client';
import type { CallOptions, ClientReadableStream, Metadata } from '@grpc/grpc-js';
import { TuttiError, type Cancel, type Runtime } from '@tutti/kernel';
import { commandError, connectionClosed, isPassing, isRefusal, NoAnswer, storeError } from './client-errors.js';
import { streamsGrpc, type ReadReq } from './messages.js';
import { readAnswer, type ReadAnswer } from './read-answers.js';
import { readAllRequest } from './read-requests.js';

const AGAIN_MS = 50;
const AGAIN_MAX_MS = 2_000;
const IDLE_CHECK_MS = 5_000;
const CLOSE_LIMIT_MS = 2_000;
const KEEP_ALIVE_MS = 10_000;

export interface EventStoreDbState {
  readonly connected: boolean;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Why not, without credentials; null when connected. */
  readonly reason: string | null;
}

export interface ConnectionOptions {
  readonly connectionString: string;
  readonly runtime: Runtime;
  /** Longest wait for one answer. */
  readonly callLimitMs: number;
  readonly onState: (state: EventStoreDbState) => void;
}

export type StreamsClient = InstanceType<typeof streamsGrpc.StreamsClient>;

/** A read or a subscription that is under way; ends with `end` or `error`, with the latter when it is cancelled. */
export type ReadCall = ClientReadableStream<ReadAnswer>;

/** What the client has for its own calls: its channel, its credentials, and following the leader. */
interface ClientInternals {
  getGRPCClient(client: typeof streamsGrpc.StreamsClient, name: string): Promise<StreamsClient>;
  callArguments(options: object, callOptions: CallOptions): [Metadata, CallOptions];
  handleError(client: StreamsClient, error: Error): Promise<void>;
  getChannel(): Promise<{ close(): void }>;
}

/**
 * The client with what it leaves open: limits on answers, waiting for a server that is away, and whether it is. The client itself keeps to a connection that
 * waits ever longer before it tries again, up to two minutes; here a client that gets no answer is replaced.
 */
export class ServerConnection {
  private current: EventStoreDBClient;
  private made = 0;
  private known: EventStoreDbState;
  private answeredAt = -1;
  private failedProbes = 0;
  private closed = false;
  private ending = false;
  private cancelCheck: Cancel;
  private readonly waiting = new Set<(error: Error) => void>();
  private readonly onLost = new Set<(error: Error) => void>();

  /** @throws TuttiError INVALID_CONFIG for a connection string that is none */
  constructor(private readonly options: ConnectionOptions) {
    try {
      this.current = this.make();
    } catch (error) {
      const message = (error as Error).message.replaceAll(/\/\/[^@\s]*@/g, '//***@');
      throw new TuttiError('INVALID_CONFIG', `the connection string of EventStoreDB: ${message}`);
    }
    this.known = { connected: false, since: options.runtime.clock.now(), reason: 'it was not asked yet' };
    this.cancelCheck = options.runtime.timers.after(0, () => void this.check());
  }

  get client(): EventStoreDBClient {
    return this.current;
  }

  get state(): EventStoreDbState {
    return this.known;
  }

  get runtime(): Runtime {
    return this.options.runtime;
  }

  get callLimitMs(): number {
    return this.options.callLimitMs;
  }

  /** Called when everything that is open on the connection is lost. */
  onConnectionLost(lost: (error: Error) => void): Cancel {
    this.onLost.add(lost);
    return () => this.onLost.delete(lost);
  }

  /** For calls of its own: on the client's channel, with its credentials. */
  async streams(): Promise<{ readonly streams: StreamsClient; readonly args: (limit: CallOptions) => [Metadata, CallOptions] }> {
    const internals = this.internals();
    const streams = await internals.getGRPCClient(streamsGrpc.StreamsClient, 'tutti');
    return { streams, args: (limit) => internals.callArguments({}, limit) };
  }

  /** A read or a subscription. The client has both, but makes several objects of each message, which a process that follows the log feels. */
  async read(request: ReadReq): Promise<{ readonly call: ReadCall; readonly streams: StreamsClient }> {
    const { streams, args } = await this.streams();
    const { path, requestSerialize } = streamsGrpc.StreamsService.read;
    const call = streams.makeServerStreamRequest(path, requestSerialize, readAnswer, request, ...args({ deadline: Infinity }));
    return { call, streams };
  }

  /** What a call of one's own ended with, so that the client looks for another leader, or connects anew. */
  lost(streams: StreamsClient, error: Error): void {
    void this.internals()
      .handleError(streams, error)
      .catch(() => undefined);
  }

  /** Asks until there is an answer, for so long. @throws TuttiError STORE_UNAVAILABLE, INVALID_CONFIG, SHUTTING_DOWN; what `what` throws that no second try helps */
  async ask<Answer>(limitMs: number, what: () => Promise<Answer>): Promise<Answer> {
    const { clock } = this.options.runtime;
    const until = clock.monotonic() + limitMs;
    for (let waitMs = AGAIN_MS; ; waitMs = Math.min(waitMs * 2, AGAIN_MAX_MS)) {
      try {
        const answer = await what();
        this.answered();
        return answer;
      } catch (error) {
        this.noteFailure(error);
        if (this.closed || this.ending || !isPassing(error) || clock.monotonic() + waitMs > until) throw error;
      }
      await this.pause(waitMs);
    }
  }

  /** One read to its end; the call is let go when it takes too long, and when `take` throws. @throws what the client would throw; NoAnswer */
  async page(request: ReadReq, take: (answer: ReadAnswer) => void): Promise<void> {
    this.assertOpen();
    let call: ReadCall | null = null;
    let over = false;
    const reading = async (): Promise<void> => {
      const opened = await this.read(request);
      ({ call } = opened);
      await new Promise<void>((resolve, reject) => {
        if (over) opened.call.cancel();
        opened.call.on('data', (answer: ReadAnswer) => {
          try {
            take(answer);
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        });
        opened.call.on('error', (error) => {
          if (!over) this.lost(opened.streams, error);
          reject(commandError(error));
        });
        opened.call.on('end', resolve);
      });
    };
    try {
      await this.within(reading());
    } finally {
      over = true;
      (call as ReadCall | null)?.cancel();
    }
    this.answered();
  }

  /** @throws NoAnswer when nothing came in time, or the connection was lost meanwhile; TuttiError SHUTTING_DOWN */
  async within<Answer>(answer: Promise<Answer>): Promise<Answer> {
    const { promise: cut, reject } = Promise.withResolvers<never>();
    const { callLimitMs, runtime } = this.options;
    const cancel = runtime.timers.after(callLimitMs, () => reject(new NoAnswer(`no answer within ${callLimitMs} ms`)));
    this.waiting.add(reject);
    try {
      return await Promise.race([answer, cut]);
    } finally {
      cancel();
      this.waiting.delete(reject);
    }
  }

  /** Asks something small. */
  probe(): Promise<void> {
    return this.page(readAllRequest('end', { backwards: true, count: 1 }), () => undefined);
  }

  answered(): void {
    this.answeredAt = this.options.runtime.clock.monotonic();
    if (!this.known.connected) this.change({ connected: true, reason: null });
  }

  /** Takes note of an error that says that there is no connection. */
  noteFailure(error: unknown): void {
    if (this.closed || (!isPassing(error) && !isRefusal(error))) return;
    const { message: reason } = storeError(error);
    const wasConnected = this.known.connected;
    if (wasConnected || this.known.reason !== reason) this.change({ connected: false, reason });
    if (wasConnected) this.checkIn(AGAIN_MS);
  }

  /** What fails from now on is not asked again. */
  stopAskingAgain(): void {
    this.ending = true;
  }

  /** Refuses what waits, then lets the connection go. */
  async close(): Promise<void> {
    this.closed = true;
    this.cancelCheck();
    for (const reject of this.waiting) reject(connectionClosed());
    await this.letGo(this.current);
  }

  async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => this.options.runtime.timers.after(ms, resolve));
  }

  assertOpen(): void {
    if (this.closed) throw connectionClosed();
  }

  private change(to: Omit<EventStoreDbState, 'since'>): void {
    const since = this.known.connected === to.connected ? this.known.since : this.options.runtime.clock.now();
    this.known = { ...to, since };
    this.options.onState(this.known);
  }

  private checkIn(ms: number): void {
    this.cancelCheck();
    if (!this.closed) this.cancelCheck = this.options.runtime.timers.after(ms, () => void this.check(), 'upkeep');
  }

  /** Asks something small when nothing else was answered lately; without an answer, by a new client. */
  private async check(): Promise<void> {
    const { clock } = this.options.runtime;
    if (this.known.connected && clock.monotonic() - this.answeredAt < IDLE_CHECK_MS) return this.checkIn(IDLE_CHECK_MS);
    try {
      await this.probe();
      this.failedProbes = 0;
      this.checkIn(IDLE_CHECK_MS);
    } catch (error) {
      if (this.closed) return;
      this.noteFailure(error);
      this.failedProbes += 1;
      this.replace(commandError(error));
      this.checkIn(Math.min(AGAIN_MS * 2 ** this.failedProbes, AGAIN_MAX_MS));
    }
  }

  private replace(error: Error): void {
    const before = this.current;
    this.current = this.make();
    const lost = isPassing(error) ? error : new NoAnswer(error.message);
    for (const tell of this.onLost) tell(lost);
    for (const reject of this.waiting) reject(lost);
    void this.letGo(before);
  }

  private async letGo(client: EventStoreDBClient): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.options.runtime.timers.after(CLOSE_LIMIT_MS, resolve);
    await Promise.race([client.dispose(), promise]).catch(() => undefined);
    cancel();
    const channel = await this.internals(client)
      .getChannel()
      .catch(() => null);
    channel?.close();
  }

  /** Connections with the same settings share one that waits before it tries again; so no two have the same. */
  private make(): EventStoreDBClient {
    const { connectionString } = this.options;
    const asked = /([?&])keep[-_]?alive[-_]?interval=(-?\d+)/i.exec(connectionString);
    const intervalMs = Number(asked?.[2] ?? KEEP_ALIVE_MS);
    if (intervalMs < 0) return EventStoreDBClient.connectionString(connectionString);
    this.made += 1;
    const setting = `keepAliveInterval=${intervalMs + (this.made % 1_000)}`;
    if (asked !== null) return EventStoreDBClient.connectionString(connectionString.replace(asked[0], `${asked[1]}${setting}`));
    return EventStoreDBClient.connectionString(`${connectionString}${connectionString.includes('?') ? '&' : '?'}${setting}`);
  }

  private internals(client = this.current): ClientInternals {
    return client as unknown as ClientInternals;
  }
}
