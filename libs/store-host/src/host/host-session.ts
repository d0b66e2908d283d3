import { assertNever, toPlainError, TuttiError } from '@tutti/kernel';
import type { StoreHostLimits } from '../limits.js';
import type { Frame } from '../protocol/frame-codec.js';
import type { FrameSocket } from '../protocol/frame-socket.js';
import { parseMessage, type ClientMessage } from '../protocol/messages.js';
import type { HostMethods } from './host-methods.js';
import { IncomingBody, type BodyBudget } from './incoming-bodies.js';
import { OutgoingStream } from './outgoing-stream.js';

export interface HostSessionOptions {
  readonly socket: FrameSocket;
  readonly methods: HostMethods;
  readonly limits: StoreHostLimits;
  readonly bodies: BodyBudget;
  readonly settle: (subscription: string, delivery: number, error: string | undefined) => void;
}

type Call = Extract<ClientMessage, { readonly t: 'call' }>;

/** Waits for frames that come later, so it must not keep them from being read. */
const WAITS_FOR_FRAMES = new Set(['bus.leave']);
/** Stay open for as long as somebody wants them. */
const FOLLOWS = new Set(['store.subscribe', 'bus.subscribe']);

/** One connected process: its calls under way, its streams, its arguments that are coming in. */
export class HostSession {
  readonly #streams = new Map<number, OutgoingStream>();
  /** Subscription of the bus by stream. */
  readonly #subscriptions = new Map<number, string>();
  readonly #bodies = new Map<number, { readonly call: Call; readonly body: IncomingBody }>();
  #running = 0;
  #following = 0;
  #closed = false;
  #onIdle: (() => void) | null = null;

  constructor(private readonly options: HostSessionOptions) {}

  /** @throws for what no client of this version sends; the connection is of no use then */
  take({ text, attachment }: Frame): void {
    const message = parseMessage<ClientMessage>(text);
    switch (message.t) {
      case 'call':
        return this.#call(message);
      case 'chunk':
        return this.#chunk(message.id, attachment);
      case 'open':
        return this.#open(message);
      case 'credit':
        if (!Number.isSafeInteger(message.count) || message.count < 0) throw new TypeError(`credit of ${String(message.count)}`);
        return this.#streams.get(message.id)?.grant(message.count);
      case 'cancel':
        return this.#streams.get(message.id)?.cancel();
      case 'settle':
        return this.options.settle(this.#subscriptions.get(message.id) ?? '', message.delivery, message.error);
      case 'hello':
        throw new TypeError('hello came twice');
      default:
        return assertNever(message, 'message to the store host');
    }
  }

  /** The connection is gone: streams end, members are parked, calls that run come to their end unheard. */
  close(): void {
    this.#closed = true;
    for (const stream of [...this.#streams.values()]) stream.cancel();
    for (const { body } of this.#bodies.values()) this.options.bodies.give(body.size);
    this.#bodies.clear();
  }

  /** Resolves when no call is running. */
  async idle(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }

  #call(call: Call): void {
    if (call.bodyBytes === undefined) {
      void this.#run(call, call.args ?? [], null);
      return;
    }
    try {
      this.options.bodies.take(call.bodyBytes);
    } catch (error) {
      this.#fail(call.id, error);
      return;
    }
    const body = new IncomingBody(call.bodyBytes);
    this.#bodies.set(call.id, { call, body });
    if (body.complete) this.#bodyComplete(call, body);
  }

  #chunk(id: number, chunk: Uint8Array): void {
    const coming = this.#bodies.get(id);
    // Pieces of what was refused are still on their way.
    if (coming === undefined) return;
    coming.body.add(chunk);
    if (coming.body.complete) this.#bodyComplete(coming.call, coming.body);
  }

  #bodyComplete(call: Call, body: IncomingBody): void {
    const args = call.args ?? (JSON.parse(body.content.toString()) as readonly unknown[]);
    this.#bodies.delete(call.id);
    void this.#run(call, args, call.args === undefined ? null : body.content).finally(() => this.options.bodies.give(body.size));
  }

  async #run({ id, method }: Call, args: readonly unknown[], body: Uint8Array | null): Promise<void> {
    const handler = Object.hasOwn(this.options.methods.calls, method) ? this.options.methods.calls[method] : undefined;
    const counts = !WAITS_FOR_FRAMES.has(method);
    if (counts) this.#started();
    try {
      if (handler === undefined) throw new TuttiError('INVALID_REQUEST', `the store host has no method ${method}`);
      const value = await handler(args, body);
      this.#answer(id, JSON.stringify({ t: 'answer', id, value }));
    } catch (error) {
      this.#fail(id, error);
    } finally {
      if (counts) await this.#finished();
    }
  }

  #open({ id, method, args, credit }: Extract<ClientMessage, { readonly t: 'open' }>): void {
    if (!Number.isSafeInteger(credit) || this.#streams.has(id)) throw new TypeError(`stream ${id} is open already, or has no credit`);
    const stream = new OutgoingStream(id, credit, this.options.socket);
    const handler = Object.hasOwn(this.options.methods.streams, method) ? this.options.methods.streams[method] : undefined;
    if (handler === undefined) return stream.fail(new TuttiError('INVALID_REQUEST', `the store host has no stream ${method}`));
    const follows = FOLLOWS.has(method);
    const { maxReadsPerConnection, maxSubscriptionsPerConnection } = this.options.limits;
    const [open, limit, what] = follows
      ? [this.#following, maxSubscriptionsPerConnection, 'subscriptions']
      : [this.#streams.size - this.#following, maxReadsPerConnection, 'reads'];
    if (open >= limit) return stream.fail(new TuttiError('OVERLOADED', `${limit} ${what} of this process are open already`));
    this.#streams.set(id, stream);
    if (follows) this.#following += 1;
    if (method === 'bus.subscribe') this.#subscriptions.set(id, (args[0] as { readonly subscription: string }).subscription);
    // What throws before it has a promise fails the stream, not the connection.
    const serve = async () => handler(args, stream);
    serve()
      .then(
        () => stream.end(),
        (error: unknown) => stream.fail(error),
      )
      .catch(() => stream.cancel())
      .finally(() => {
        this.#streams.delete(id);
        this.#subscriptions.delete(id);
        if (follows) this.#following -= 1;
      });
  }

  /** An answer that is too long for a frame is an error like any other. */
  #answer(id: number, text: string): void {
    if (!this.#closed) this.options.socket.send(text);
  }

  #fail(id: number, error: unknown): void {
    if (!this.#closed) this.options.socket.send(JSON.stringify({ t: 'failed', id, error: toPlainError(error) }));
  }

  #started(): void {
    this.#running += 1;
    if (this.#running >= this.options.limits.maxCallsPerConnection) this.options.socket.pause();
  }

  /** A call counts until its answer has room on the way out: who does not read answers is not read. */
  async #finished(): Promise<void> {
    if (!this.options.socket.roomy) {
      this.options.socket.pause();
      await this.options.socket.untilRoomy();
    }
    this.#running -= 1;
    if (this.#running < this.options.limits.maxCallsPerConnection) this.options.socket.resume();
    if (this.#running === 0) this.#onIdle?.();
  }
}
