import type { Socket } from 'node:net';
import { encodeFrame, FrameReader, type Frame } from './frame-codec.js';

/** Above this many bytes on their way out nothing that can wait is written. */
const HIGH_WATER_BYTES = 1024 * 1024;

export interface FrameSocketOptions {
  /** Of a frame, both ways, until {@link FrameSocket.trust}. */
  readonly maxFirstBytes: number;
  /** What it throws ends the connection. */
  readonly onFrame: (frame: Frame) => void;
  /** Once, when the connection is over, with what was wrong, if anything was. */
  readonly onClosed: (error: Error | null) => void;
}

/** Frames over a socket. Frames sent in one turn leave together. */
export class FrameSocket {
  readonly #reader: FrameReader;
  readonly #waiting = new Set<() => void>();
  #corked = false;
  #error: Error | null = null;
  #maxBytes: number;

  constructor(
    private readonly socket: Socket,
    private readonly options: FrameSocketOptions,
  ) {
    this.#maxBytes = options.maxFirstBytes;
    this.#reader = new FrameReader(options.maxFirstBytes);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('drain', () => this.#wake());
    socket.on('error', (error) => (this.#error ??= error));
    socket.on('close', () => {
      this.#wake();
      options.onClosed(this.#error);
    });
  }

  get open(): boolean {
    return !this.socket.destroyed && this.socket.writable;
  }

  /** Whether what is on its way out leaves room for more. */
  get roomy(): boolean {
    return this.socket.writableLength < HIGH_WATER_BYTES || !this.open;
  }

  /** The peer is known: takes and sends frames of this size from here on. */
  trust(maxFrameBytes: number): void {
    this.#maxBytes = maxFrameBytes;
    this.#reader.maxBytes = maxFrameBytes;
  }

  /** @throws TuttiError PAYLOAD_TOO_LARGE */
  send(text: string, attachment?: Uint8Array): void {
    const frame = encodeFrame(text, attachment, this.#maxBytes);
    if (!this.open) return;
    if (!this.#corked) {
      this.#corked = true;
      this.socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.socket.uncork();
      });
    }
    this.socket.write(frame);
  }

  /** Resolves when there is room again, or nobody to send to any more; others may have taken the room by then. */
  async untilRoomy(): Promise<void> {
    if (!this.roomy) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Sends what is written, then ends. */
  end(): void {
    this.socket.end(() => this.socket.destroy());
  }

  destroy(error: Error | null = null): void {
    this.#error ??= error;
    this.socket.destroy();
  }

  #read(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.take(chunk)) {
        if (this.socket.destroyed) return;
        this.options.onFrame(frame);
      }
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}
