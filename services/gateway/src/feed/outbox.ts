import type { Cancel, Timers } from '@tutti/kernel';
import type { WebSocket } from 'ws';

interface OutboxLimits {
  readonly bufferBytes: number;
  readonly stallLimitMs: number;
}

/**
 * What waits to be sent to one client. Whoever has much to say waits for room first, so no more than the limit and one message per sender are ever held.
 */
export class Outbox {
  private unsent = 0;
  private closed = false;
  private waiting: (() => void)[] = [];
  private stopStallTimer: Cancel | null = null;

  constructor(
    private readonly socket: WebSocket,
    private readonly limits: OutboxLimits,
    private readonly timers: Timers,
    /** `sent`: the client took something. `stalled`: it took nothing of a full buffer within the limit. */
    private readonly notify: (what: 'sent' | 'stalled') => void,
  ) {}

  get full(): boolean {
    return this.unsent >= this.limits.bufferBytes;
  }

  /** Hands the text over at once, whether there is room or not. */
  push(text: string): void {
    if (this.closed) return;
    const bytes = Buffer.byteLength(text);
    this.unsent += bytes;
    this.socket.send(text, (error) => {
      this.unsent -= bytes;
      if (error === undefined || error === null) this.sent();
    });
    if (this.full) this.stopStallTimer ??= this.timers.after(this.limits.stallLimitMs, () => this.notify('stalled'));
  }

  /** Waits until there is room; false when the outbox was closed. */
  async room(): Promise<boolean> {
    while (this.full && !this.closed) await new Promise<void>((resolve) => this.waiting.push(resolve));
    return !this.closed;
  }

  close(): void {
    this.closed = true;
    this.endStall();
    this.wake();
  }

  private sent(): void {
    if (this.closed) return;
    this.notify('sent');
    this.endStall();
    if (this.full) this.stopStallTimer = this.timers.after(this.limits.stallLimitMs, () => this.notify('stalled'));
    else this.wake();
  }

  private endStall(): void {
    this.stopStallTimer?.();
    this.stopStallTimer = null;
  }

  private wake(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
