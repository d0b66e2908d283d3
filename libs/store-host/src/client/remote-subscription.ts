import type { EventSubscription, SubscribeOptions } from '@tutti/event-store';
import type { RecordedEvent } from '@tutti/kernel';
import type { HostLink } from './host-link.js';
import type { IncomingStream } from './incoming-stream.js';

/** Pieces of a batch that wait here while one is handled. */
const WINDOW = 4;
const AGAIN_MS = 200;

interface Batch {
  readonly events: readonly RecordedEvent[];
  readonly head: number;
}

/** Follows the store over reconnects: each time from the position that was handed over last, so that nothing is lost or repeated. */
export class RemoteSubscription implements EventSubscription {
  readonly ended: Promise<void>;
  #cursor: number;
  #closing = false;
  #stream: IncomingStream | null = null;
  #stopWaiting: (() => void) | null = null;

  constructor(
    private readonly link: HostLink,
    private readonly options: SubscribeOptions,
    onEnd: () => void,
  ) {
    this.#cursor = options.after;
    this.ended = this.#run().finally(onEnd);
  }

  close(): Promise<void> {
    this.#closing = true;
    this.#stream?.cancel();
    this.#stopWaiting?.();
    return this.ended.catch(() => undefined);
  }

  async #run(): Promise<void> {
    // The subscriber gets its subscription before its first batch.
    await this.#turn();
    while (!this.#closing && (await this.#connected())) {
      if (this.#closing || this.link.closed) return;
      if ((await this.#follow()) === 'again later') await this.#wait();
    }
  }

  async #follow(): Promise<'again' | 'again later'> {
    const { onBatch, after: _after, ...options } = this.options;
    if (this.link.status.status !== 'connected') return 'again';
    const stream = this.link.read('store.subscribe', [{ ...options, after: this.#cursor }], WINDOW);
    this.#stream = stream;
    try {
      for (;;) {
        const next = await stream.next();
        if (this.#closing) return 'again';
        if ('kind' in next) {
          if (next.kind === 'broken') return 'again';
          if (next.kind === 'complete' || next.error.code === 'SHUTTING_DOWN') return 'again later';
          throw next.error;
        }
        const { events, head } = next.value as Batch;
        this.#cursor = head;
        await onBatch(events, head);
      }
    } finally {
      this.#stream = null;
      stream.cancel();
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => this.link.runtime.timers.soon(resolve));
  }

  /** Also when the subscription is closed meanwhile. */
  async #connected(): Promise<boolean> {
    return Promise.race([this.link.connected(), this.#untilClosed()]);
  }

  async #wait(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.link.runtime.timers.after(AGAIN_MS, resolve);
    await Promise.race([promise, this.#untilClosed()]);
    cancel();
  }

  #untilClosed(): Promise<false> {
    if (this.#closing) return Promise.resolve(false);
    return new Promise((resolve) => (this.#stopWaiting = () => resolve(false)));
  }
}
