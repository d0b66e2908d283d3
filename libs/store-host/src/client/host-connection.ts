import { connect } from 'node:net';
import { fromPlainError, TuttiError, type Cancel, type Runtime } from '@tutti/kernel';
import { FrameSocket } from '../protocol/frame-socket.js';
import type { Frame } from '../protocol/frame-codec.js';
import { MAX_HELLO_BYTES, parseMessage, PROTOCOL_VERSION, type HostMessage } from '../protocol/messages.js';
import type { StoreHostLogger } from '../store-ports.js';

const FIRST_WAIT_MS = 25;
/** Asking at the socket costs next to nothing, and everything waits for the next host. */
const MAX_WAIT_MS = 250;

/** How this process stands with the store host. */
export type StoreHostStatus =
  | { readonly status: 'connected'; readonly host: string }
  /** Nobody listens, or the connection broke; tried again by itself. */
  | { readonly status: 'connecting'; readonly error: TuttiError | null }
  /** The host does not take this process (another version, too many); tried again by itself. */
  | { readonly status: 'refused'; readonly error: TuttiError }
  | { readonly status: 'closed' };

export interface HostConnectionOptions {
  readonly socketPath: string;
  readonly runtime: Runtime;
  readonly logger: StoreHostLogger;
  readonly client: string;
  readonly onWelcome: () => void;
  /** What it throws breaks the connection. */
  readonly onMessage: (message: HostMessage, attachment: Buffer) => void;
  /** Once for each time that it was welcome. */
  readonly onBroken: (error: TuttiError) => void;
  readonly onStatus: (status: StoreHostStatus) => void;
}

/** A connection that is made again, with growing waits, until it is closed. */
export class HostConnection {
  #socket: FrameSocket | null = null;
  #status: StoreHostStatus = { status: 'connecting', error: null };
  #attempts = 0;
  #refusal: TuttiError | null = null;
  #cancelRetry: Cancel = () => {};

  constructor(private readonly options: HostConnectionOptions) {
    this.#connect();
  }

  get status(): StoreHostStatus {
    return this.#status;
  }

  /** Goes nowhere while there is no connection: whoever sends keeps what must not be lost. @throws TuttiError PAYLOAD_TOO_LARGE */
  send(text: string, attachment?: Uint8Array): void {
    if (this.#status.status === 'connected') this.#socket?.send(text, attachment);
  }

  /** Sends bytes with the same text beside each piece, no faster than they leave, as long as they are wanted and this connection stands. */
  async sendPieces(text: string, bytes: Uint8Array, pieceBytes: number, wanted: () => boolean): Promise<void> {
    const socket = this.#socket;
    for (let from = 0; from < bytes.length; from += pieceBytes) {
      await socket?.untilRoomy();
      if (socket === null || socket !== this.#socket || !wanted()) return;
      socket.send(text, bytes.subarray(from, from + pieceBytes));
    }
  }

  close(): void {
    const socket = this.#socket;
    this.#cancelRetry();
    this.#socket = null;
    this.#become({ status: 'closed' });
    socket?.end();
  }

  /** Ends as a kill does. */
  destroy(): void {
    const socket = this.#socket;
    this.#cancelRetry();
    this.#socket = null;
    this.#status = { status: 'closed' };
    socket?.destroy();
  }

  #connect(): void {
    const raw = connect(this.options.socketPath);
    const socket = new FrameSocket(raw, {
      maxFirstBytes: MAX_HELLO_BYTES,
      onFrame: (frame) => {
        if (this.#socket === socket) this.#take(frame);
      },
      onClosed: (error) => {
        if (this.#socket === socket) this.#lost(error);
      },
    });
    this.#socket = socket;
    raw.once('connect', () => socket.send(JSON.stringify({ t: 'hello', protocol: PROTOCOL_VERSION, client: this.options.client })));
  }

  #take({ text, attachment }: Frame): void {
    const message = parseMessage<HostMessage>(text);
    if (message.t === 'welcome') {
      this.#attempts = 0;
      this.#socket?.trust(message.maxFrameBytes);
      this.#refusal = null;
      this.#become({ status: 'connected', host: message.host });
      this.options.onWelcome();
    } else if (message.t === 'refused') {
      this.#refusal = fromPlainError(message.error);
    } else {
      this.options.onMessage(message, attachment);
    }
  }

  #lost(error: Error | null): void {
    this.#socket = null;
    const reason = error?.message ?? 'the store host ended the connection';
    const broken = new ConnectionLostError(this.options.socketPath, reason);
    const before = this.#status.status;
    this.#become(this.#refusal === null ? { status: 'connecting', error: broken } : { status: 'refused', error: this.#refusal });
    this.#refusal = null;
    if (before === 'connected') this.options.onBroken(broken);
    const { random, timers } = this.options.runtime;
    const waitMs = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(this.#attempts++, 20)) * (0.5 + random.next() / 2);
    this.#cancelRetry = timers.after(waitMs, () => this.#connect());
  }

  #become(status: StoreHostStatus): void {
    const before = this.#status;
    this.#status = status;
    if (before.status !== status.status) this.#tell(status);
    this.options.onStatus(status);
  }

  #tell(status: StoreHostStatus): void {
    const { logger, socketPath } = this.options;
    if (status.status === 'connected') logger.info('connected to the store host', { socket: socketPath, host: status.host });
    else if (status.status === 'refused') logger.error('the store host refuses this process', { error: status.error.message });
    else if (status.status === 'connecting') logger.warn('not connected to the store host', { error: status.error?.message });
  }
}

/** There is no connection, or there was none any more when the answer should have come. The host itself says STORE_UNAVAILABLE for other reasons. */
export class ConnectionLostError extends TuttiError {
  constructor(socketPath: string, reason: string) {
    super('STORE_UNAVAILABLE', `the store host at ${socketPath} cannot be reached: ${reason}`, { retryable: true });
  }
}
