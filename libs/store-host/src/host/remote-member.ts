import type { BusSubscription, Delivery, EventBus, SubscribeOptions } from '@tutti/event-bus';
import type { Cancel, Timers } from '@tutti/kernel';
import type { OutgoingStream } from './outgoing-stream.js';

/** How another process asks for a subscription. */
export interface MemberRequest extends Omit<SubscribeOptions, 'handle'> {
  /** Stays the same over reconnects, so that a member takes up again what it had in hand. */
  readonly subscription: string;
}

interface InHand {
  readonly delivery: Delivery;
  readonly settle: (error?: Error) => void;
}

export interface RemoteMemberOptions {
  readonly request: MemberRequest;
  readonly maxInHand: number;
  readonly rejoinMs: number;
  readonly timers: Timers;
  readonly onGone: () => void;
}

/**
 * A member of a group whose handler is in another process. While its connection is broken it stays a member for `rejoinMs` and keeps what it
 * has in hand; then that counts as rejected, and the member has left.
 */
export class RemoteMember {
  readonly #inHand = new Map<number, InHand>();
  #inner: BusSubscription | null = null;
  #joining: Promise<BusSubscription> | null = null;
  #stream: OutgoingStream | null = null;
  #parked = false;
  #cancelLoss: Cancel = () => {};
  #lost = false;
  #next = 1;
  #leaving: Promise<void> | null = null;
  readonly #gone = Promise.withResolvers<void>();

  constructor(private readonly options: RemoteMemberOptions) {}

  /** Resolves when it has left. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  get name(): string {
    const { topic, group, member } = this.options.request;
    return memberKey(topic, group, member);
  }

  /** Its connection is broken. */
  get parked(): boolean {
    return this.#parked;
  }

  get leaving(): boolean {
    return this.#leaving !== null;
  }

  async join(bus: EventBus): Promise<void> {
    const { subscription: _own, concurrency = 64, ...request } = this.options.request;
    this.#joining = bus.subscribe({
      ...request,
      concurrency: Math.min(concurrency, this.options.maxInHand),
      handle: (delivery) => this.#hand(delivery),
    });
    this.#inner = await this.#joining;
  }

  /** Sends on this stream from now on, first what is still in hand. */
  attach(stream: OutgoingStream): void {
    this.#cancelLoss();
    this.#stream = stream;
    this.#parked = false;
    stream.opened();
    for (const [number, { delivery }] of this.#inHand) this.#send(stream, number, delivery);
    stream.onCancel(() => this.#detach(stream));
  }

  settle(number: number, error: string | undefined): void {
    const entry = this.#inHand.get(number);
    if (entry === undefined) return;
    this.#inHand.delete(number);
    entry.settle(error === undefined ? undefined : new Error(error));
  }

  /** Takes nothing more; resolves once nothing is in hand. */
  leave(): Promise<void> {
    return (this.#leaving ??= this.#leave());
  }

  /** Gives up what is in hand, and leaves. */
  lose(): Promise<void> {
    this.#cancelLoss();
    this.#lost = true;
    const { topic, group, member } = this.options.request;
    const error = new Error(`member ${member} of group ${group} on ${topic} was gone before it had handled the message`);
    for (const { settle } of this.#inHand.values()) settle(error);
    this.#inHand.clear();
    return this.leave();
  }

  async #leave(): Promise<void> {
    try {
      // In the same turn where it can be: what is asked for next relies on it.
      await (this.#inner ?? (await this.#joining?.catch(() => null)))?.close();
    } finally {
      this.#cancelLoss();
      this.#stream?.end();
      this.options.onGone();
      this.#gone.resolve();
    }
  }

  #hand(delivery: Delivery): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#lost) {
        reject(new Error(`member ${this.options.request.member} is gone`));
        return;
      }
      const number = this.#next++;
      this.#inHand.set(number, { delivery, settle: (error) => (error === undefined ? resolve() : reject(error)) });
      if (this.#stream !== null) this.#send(this.#stream, number, delivery);
    });
  }

  #send(stream: OutgoingStream, number: number, delivery: Delivery): void {
    // A stream that is given up meanwhile leaves the message in hand, for the next one.
    const wanted = () => this.#stream === stream && this.#inHand.has(number);
    const value = () => (wanted() ? `{"number":${number},"delivery":${JSON.stringify(delivery)}}` : null);
    stream.push(value).catch((error: unknown) => this.settle(number, error instanceof Error ? error.message : String(error)));
  }

  #detach(stream: OutgoingStream): void {
    if (this.#stream !== stream) return;
    this.#stream = null;
    this.#parked = true;
    this.#cancelLoss = this.options.timers.after(this.options.rejoinMs, () => void this.lose());
  }
}

export function memberKey(topic: string, group: string, member: string): string {
  return JSON.stringify([topic, group, member]);
}
