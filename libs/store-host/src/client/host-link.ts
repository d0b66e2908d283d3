import { fromPlainError, isTuttiError, TuttiError, type Runtime } from '@tutti/kernel';
import { PIECE_BYTES, type HostMessage } from '../protocol/messages.js';
import type { StoreHostLogger } from '../store-ports.js';
import { ConnectionLostError, HostConnection, type StoreHostStatus } from './host-connection.js';
import { IncomingStream, type StreamEnd, type StreamListener } from './incoming-stream.js';
import { PendingCalls, type PendingCall } from './pending-calls.js';

/** What is to be stored and found no connection, or lost it, is answered within this time, or given up. */
const REPEAT_FOR_MS = 30_000;
/** What only asks is given up sooner: somebody waits for the answer, and may ask again. */
export const ASK_FOR_MS = 10_000;
export const ASKED_AGAIN: CallOptions = { repeatable: true, repeatForMs: ASK_FOR_MS };
const REPEAT_WAIT_MS = 200;
const CLOSE_LIMIT_MS = 5_000;

export interface HostLinkOptions {
  readonly socketPath: string;
  readonly runtime: Runtime;
  readonly logger: StoreHostLogger;
}

export interface CallOptions {
  /** Doing it twice is doing it once: it waits for a connection, and is sent again after a break. */
  readonly repeatable?: boolean;
  /** How long it waits for a connection, if it is repeatable. */
  readonly repeatForMs?: number;
  readonly body?: Uint8Array;
}

/** Calls and streams over a connection that comes and goes. */
export class HostLink {
  readonly #connection: HostConnection;
  readonly #calls = new PendingCalls();
  readonly #streams = new Map<number, StreamListener>();
  readonly #statusListeners = new Set<(status: StoreHostStatus) => void>();
  #next = 1;
  #epoch = 0;
  #closing: Promise<void> | null = null;

  constructor(private readonly options: HostLinkOptions) {
    this.#connection = new HostConnection({
      ...options,
      client: options.runtime.ids.next(),
      onWelcome: () => this.#welcome(),
      onMessage: (message, attachment) => this.#take(message, attachment),
      onBroken: (error) => this.#broken(error),
      onStatus: (status) => {
        for (const listener of [...this.#statusListeners]) listener(status);
      },
    });
  }

  get runtime(): Runtime {
    return this.options.runtime;
  }

  get status(): StoreHostStatus {
    return this.#connection.status;
  }

  get closed(): boolean {
    return this.#closing !== null;
  }

  /** Counts the connections there have been. */
  get epoch(): number {
    return this.#epoch;
  }

  onStatus(listener: (status: StoreHostStatus) => void): () => void {
    this.#statusListeners.add(listener);
    return () => void this.#statusListeners.delete(listener);
  }

  /** Resolves to true when connected, to false once closed, or when the time is over. */
  connected(limitMs?: number): Promise<boolean> {
    if (this.closed) return Promise.resolve(false);
    if (this.status.status === 'connected') return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = (connected: boolean) => {
        stop();
        cancelLimit?.();
        resolve(connected);
      };
      const stop = this.onStatus(({ status }) => {
        if (status === 'connected' || status === 'closed') settle(status === 'connected');
      });
      const cancelLimit = limitMs === undefined ? null : this.runtime.timers.after(limitMs, () => settle(false));
    });
  }

  /** @throws TuttiError what the host answers · STORE_UNAVAILABLE without a connection · OVERLOADED · SHUTTING_DOWN once closed */
  async call<Answer>(method: string, args: readonly unknown[], options: CallOptions = {}): Promise<Answer> {
    return this.callText<Answer>(method, JSON.stringify(args), options);
  }

  /** @param args a list as JSON text */
  async callText<Answer>(
    method: string,
    args: string,
    { repeatable = false, repeatForMs = REPEAT_FOR_MS, body }: CallOptions = {},
  ): Promise<Answer> {
    this.refuseWhenClosed();
    const connected = this.status.status === 'connected';
    if (!connected && !repeatable) throw this.#unreachable();
    return new Promise<Answer>((resolve, reject) => {
      const id = this.#next++;
      const call: PendingCall = {
        method,
        args,
        body: body ?? null,
        repeatable,
        repeatForMs,
        resolve: resolve as (value: unknown) => void,
        reject,
        cancelLimit: null,
      };
      this.#calls.add(id, call);
      if (connected) this.#send(id, call);
      else this.#limit(id, call, this.#unreachable());
    });
  }

  /** A stream that is taken item by item. @param window most items that wait here @throws TuttiError STORE_UNAVAILABLE, SHUTTING_DOWN */
  read(method: string, args: readonly unknown[], window: number): IncomingStream {
    this.refuseWhenClosed();
    if (this.status.status !== 'connected') throw this.#unreachable();
    const id = this.#next++;
    const stream = new IncomingStream(window, {
      grant: (count) => this.#connection.send(`{"t":"credit","id":${id},"count":${count}}`),
      cancel: () => this.cancel(id),
    });
    this.#open(id, method, args, window, stream);
    return stream;
  }

  /** A stream whose items are told as they come: the host bounds them by other means. Answers the stream's id. */
  listen(method: string, args: readonly unknown[], listener: StreamListener): number {
    const id = this.#next++;
    this.#open(id, method, args, 0, listener);
    return id;
  }

  settle(id: number, delivery: number, error: string | null): void {
    if (this.#streams.has(id)) this.#connection.send(JSON.stringify({ t: 'settle', id, delivery, ...(error !== null && { error }) }));
  }

  cancel(id: number): void {
    if (this.#streams.delete(id)) this.#connection.send(`{"t":"cancel","id":${id}}`);
  }

  refuseWhenClosed(): void {
    if (this.closed) throw closedError();
  }

  /** Takes no more calls, waits for those under way, for 5 s at most, then ends. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  /** Ends as a kill does: nobody is told anything any more. */
  destroy(): void {
    this.#closing ??= Promise.resolve();
    for (const [, call] of this.#calls.entries()) call.cancelLimit?.();
    this.#streams.clear();
    this.#connection.destroy();
  }

  async #close(): Promise<void> {
    for (const [id, stream] of [...this.#streams]) {
      this.cancel(id);
      stream.ended({ kind: 'broken', error: closedError() });
    }
    if (this.status.status === 'connected') {
      const { promise: limit, resolve } = Promise.withResolvers<void>();
      const cancel = this.runtime.timers.after(CLOSE_LIMIT_MS, resolve);
      await Promise.race([this.#calls.untilEmpty(), limit]);
      cancel();
    }
    for (const [id] of this.#calls.entries()) this.#giveUp(id, this.#unknown('this process closed its connection'));
    this.#connection.close();
  }

  #welcome(): void {
    this.#epoch += 1;
    for (const [id, call] of this.#calls.entries()) {
      this.#send(id, call);
    }
  }

  #broken(error: TuttiError): void {
    const streams = [...this.#streams.values()];
    this.#streams.clear();
    for (const [id, call] of this.#calls.entries()) {
      if (!call.repeatable || this.closed) this.#giveUp(id, this.#unknown(error.message));
      else this.#limit(id, call, this.#unknown(error.message));
    }
    for (const stream of streams) stream.ended({ kind: 'broken', error });
  }

  #take(message: HostMessage, attachment: Buffer): void {
    switch (message.t) {
      case 'answer':
        return this.#calls.remove(message.id)?.resolve(message.value);
      case 'failed':
        return this.#failed(message.id, fromPlainError(message.error));
      case 'opened':
        return this.#streams.get(message.id)?.opened();
      case 'item':
        this.#streams.get(message.id)?.item({ value: message.value, attachment });
        if (message.last === true) this.#ended(message.id, { kind: 'complete' });
        return;
      case 'end':
        return this.#ended(message.id, { kind: 'complete' });
      default:
        throw new TypeError(`the store host sent ${message.t} in the middle of a connection`);
    }
  }

  #failed(id: number, error: TuttiError): void {
    const call = this.#calls.get(id);
    if (call === undefined) return this.#ended(id, { kind: 'failed', error });
    // The host is about to leave; the next one takes what this one did not.
    if (call.repeatable && isTuttiError(error, 'SHUTTING_DOWN') && !this.closed) return this.#sendLater(id, call, error);
    this.#giveUp(id, error);
  }

  #ended(id: number, end: StreamEnd): void {
    const stream = this.#streams.get(id);
    this.#streams.delete(id);
    stream?.ended(end);
  }

  #open(id: number, method: string, args: readonly unknown[], credit: number, listener: StreamListener): void {
    this.#connection.send(JSON.stringify({ t: 'open', id, method, args, credit }));
    this.#streams.set(id, listener);
  }

  #send(id: number, call: PendingCall): void {
    const { method, args, body } = call;
    try {
      if (body !== null) this.#sendInPieces(id, `"method":"${method}","args":${args}`, body);
      else if (args.length <= PIECE_BYTES) this.#connection.send(`{"t":"call","id":${id},"method":"${method}","args":${args}}`);
      else this.#sendInPieces(id, `"method":"${method}"`, Buffer.from(args));
    } catch (error) {
      this.#giveUp(id, error as TuttiError);
    }
  }

  #sendInPieces(id: number, head: string, body: Uint8Array): void {
    this.#connection.send(`{"t":"call","id":${id},${head},"bodyBytes":${body.length}}`);
    void this.#connection.sendPieces(`{"t":"chunk","id":${id}}`, body, PIECE_BYTES, () => this.#calls.has(id));
  }

  #sendLater(id: number, call: PendingCall, error: TuttiError): void {
    if (call.cancelLimit === null) this.#limit(id, call, error);
    const epoch = this.#epoch;
    this.runtime.timers.after(REPEAT_WAIT_MS, () => {
      // On another connection it has been sent already.
      const isSame = this.#epoch === epoch && this.status.status === 'connected';
      if (isSame && this.#calls.get(id) === call) this.#send(id, call);
    });
  }

  #limit(id: number, call: PendingCall, error: TuttiError): void {
    call.cancelLimit ??= this.runtime.timers.after(call.repeatForMs, () => this.#giveUp(id, error));
  }

  #giveUp(id: number, error: TuttiError): void {
    this.#calls.remove(id)?.reject(error);
  }

  #unreachable(): TuttiError {
    const { status } = this;
    if (status.status === 'refused') return status.error;
    if (status.status === 'connecting' && status.error !== null) return status.error;
    return new ConnectionLostError(this.options.socketPath, 'it is not connected yet');
  }

  #unknown(reason: string): TuttiError {
    return new ConnectionLostError(this.options.socketPath, `${reason}; whether what was asked for is done is not known`);
  }
}

function closedError(): TuttiError {
  return new TuttiError('SHUTTING_DOWN', 'the connection to the store host is closed');
}
