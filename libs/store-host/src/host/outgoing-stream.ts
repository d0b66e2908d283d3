import { toPlainError, TuttiError } from '@tutti/kernel';
import type { FrameSocket } from '../protocol/frame-socket.js';

/** What the host sends on one stream: as many items as the reader has room for, and no more. */
export class OutgoingStream {
  #credit: number;
  #cancelled = false;
  #ended = false;
  #wake: (() => void) | null = null;
  readonly #onCancel: (() => void)[] = [];

  constructor(
    readonly id: number,
    credit: number,
    private readonly socket: FrameSocket,
  ) {
    this.#credit = credit;
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  /** Called once: when the reader gave up, or its connection broke. */
  onCancel(callback: () => void): void {
    if (this.#cancelled) callback();
    else this.#onCancel.push(callback);
  }

  grant(count: number): void {
    this.#credit += count;
    this.#wakeUp();
  }

  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#wakeUp();
    for (const callback of this.#onCancel) callback();
  }

  /** Waits until the reader has room. @param value as JSON text @throws TuttiError CANCELLED */
  async send(value: string, options: { readonly last?: boolean; readonly attachment?: Uint8Array } = {}): Promise<void> {
    while (!this.#cancelled && (this.#credit <= 0 || !this.socket.roomy)) {
      if (this.#credit <= 0) await new Promise<void>((resolve) => (this.#wake = resolve));
      else await this.socket.untilRoomy();
    }
    if (this.#cancelled) throw new TuttiError('CANCELLED', `stream ${this.id} was given up by its reader`);
    this.#credit -= 1;
    this.#write(`{"t":"item","id":${this.id},"value":${value}${options.last === true ? ',"last":true' : ''}}`, options.attachment);
    if (options.last === true) this.#ended = true;
  }

  /** Waits until the socket has room, whatever the credit, then sends: for what is bounded otherwise. */
  async push(value: () => string | null): Promise<void> {
    while (!this.#cancelled && !this.socket.roomy) await this.socket.untilRoomy();
    const text = this.#cancelled ? null : value();
    if (text !== null) this.#write(`{"t":"item","id":${this.id},"value":${text}}`);
  }

  opened(): void {
    if (!this.#cancelled) this.#write(`{"t":"opened","id":${this.id}}`);
  }

  end(): void {
    if (this.#cancelled || this.#ended) return;
    this.#ended = true;
    this.#write(`{"t":"end","id":${this.id}}`);
  }

  fail(error: unknown): void {
    if (this.#cancelled || this.#ended) return;
    this.#ended = true;
    this.#write(JSON.stringify({ t: 'failed', id: this.id, error: toPlainError(error) }));
  }

  #write(text: string, attachment?: Uint8Array): void {
    this.socket.send(text, attachment);
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = null;
  }
}
