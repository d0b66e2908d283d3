import type { BusSubscription, Delivery, SubscribeOptions } from '@tutti/event-bus';
import { TuttiError } from '@tutti/kernel';
import type { StoreHostLogger } from '../store-ports.js';
import type { HostLink } from './host-link.js';
import type { StreamEnd } from './incoming-stream.js';

const AGAIN_MS = 200;
/** Handled messages that are remembered, in case that the host never heard of it. */
const MAX_REMEMBERED = 1_024;

interface Handed {
  /** Names the delivery to the host, on the stream it came on. */
  readonly number: number;
  readonly delivery: Delivery;
}

/**
 * A member of a group in this process. It joins again after each break, under the same id: a host that is still there goes on where it was; another
 * host delivers again what was not handed over, of which what is running here, or was handled here, is not handled twice.
 */
export class RemoteBusSubscription implements BusSubscription {
  readonly #id: string;
  readonly #joined = Promise.withResolvers<void>();
  readonly #running = new Map<string, Promise<string | null>>();
  readonly #handled = new Set<string>();
  #hasJoined = false;
  #connected = false;
  #closing: Promise<void> | null = null;
  #stopWaiting: (() => void) | null = null;

  constructor(
    private readonly link: HostLink,
    private readonly options: SubscribeOptions,
    private readonly logger: StoreHostLogger,
    private readonly onEnd: () => void,
  ) {
    this.#id = link.runtime.ids.next();
    this.#run().then(onEnd, (error: TuttiError) => {
      onEnd();
      this.#joined.reject(error);
    });
  }

  /** Rejects with what the bus has against the subscription. */
  get joined(): Promise<void> {
    return this.#joined.promise;
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    // Sent before anything else that the caller asks for.
    const left = this.#connected ? this.link.call('bus.leave', [this.#id]) : Promise.resolve();
    this.#stopWaiting?.();
    // A connection that breaks meanwhile means the same to the host.
    await left.catch(() => undefined);
    while (this.#running.size > 0) await Promise.all(this.#running.values());
    this.onEnd();
  }

  async #run(): Promise<void> {
    while (this.#closing === null && (await this.link.connected())) {
      if (this.#closing !== null) break;
      const end = await this.#listen();
      if (end.kind === 'failed' && !this.#hasJoined && end.error.code !== 'SHUTTING_DOWN') throw end.error;
      // A host that hands the folder over says so; the next one takes the member.
      if (end.kind === 'failed' && end.error.code !== 'SHUTTING_DOWN') this.#tell(end.error);
      if (end.kind !== 'broken') await this.#wait();
    }
    this.#joined.reject(new TuttiError('SHUTTING_DOWN', 'the connection to the store host was closed before the subscription stood'));
  }

  #listen(): Promise<StreamEnd> {
    const { handle: _handle, ...request } = this.options;
    return new Promise((resolve) => {
      const stream = this.link.listen('bus.subscribe', [{ ...request, subscription: this.#id }], {
        opened: () => {
          this.#hasJoined = true;
          this.#joined.resolve();
        },
        item: ({ value }) => this.#take(stream, value as Handed),
        ended: (end) => {
          this.#connected = false;
          resolve(end);
        },
      });
      this.#connected = true;
    });
  }

  #take(stream: number, { number, delivery }: Handed): void {
    const key = `${delivery.offset} ${delivery.id}`;
    if (this.#handled.has(key)) {
      this.link.settle(stream, number, null);
      return;
    }
    // The number means nothing on another stream; there the message comes again.
    void (this.#running.get(key) ?? this.#handle(key, delivery)).then((error) => this.link.settle(stream, number, error));
  }

  #handle(key: string, delivery: Delivery): Promise<string | null> {
    const running = this.#outcome(delivery).then((error) => {
      this.#running.delete(key);
      if (error === null) this.#remember(key);
      return error;
    });
    this.#running.set(key, running);
    return running;
  }

  /** Null when handled, else the message of the rejection. */
  async #outcome(delivery: Delivery): Promise<string | null> {
    try {
      await this.options.handle(delivery);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #remember(key: string): void {
    this.#handled.add(key);
    if (this.#handled.size <= MAX_REMEMBERED) return;
    const [oldest] = this.#handled;
    if (oldest !== undefined) this.#handled.delete(oldest);
  }

  #tell(error: TuttiError): void {
    const { topic, group, member } = this.options;
    this.logger.error('a member could not join its group again; it tries on', { topic, group, member, error: error.message });
  }

  async #wait(): Promise<void> {
    if (this.#closing !== null) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.link.runtime.timers.after(AGAIN_MS, resolve);
    this.#stopWaiting = resolve;
    await promise;
    cancel();
  }
}
