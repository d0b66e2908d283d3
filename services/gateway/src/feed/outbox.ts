import type { Cancel, Timers } from '@tutti/kernel';

interface OutboxLimits {
  /** Unsent at which whoever has more to say waits; in the unit of `sizeOf`. */
  readonly mostUnsent: number;
  readonly stallLimitMs: number;
}

interface OutboxParts<Message> {
  /** Hands a message to the wire; `done` when it is on its way, or will never be. */
  readonly send: (message: Message, done: (error?: Error | null) => void) => void;
  readonly sizeOf: (message: Message) => number;
  readonly limits: OutboxLimits;
  readonly timers: Pick<Timers, 'after'>;
  /** `sent`: the client took something. `stalled`: it took nothing of a full buffer within the limit. */
  readonly notify: (what: 'sent' | 'stalled') => void;
}

/**
 * What waits to be sent to one client. Whoever has much to say waits for room first, so no more than the limit and one message per sender are ever held.
 */
export class Outbox<Message> {
  private unsent = 0;
  private closed = false;
  private waiting: (() => void)[] = [];
  private stopStallTimer: Cancel | null = null;

  constructor(private readonly parts: OutboxParts<Message>) {}

  get full(): boolean {
    return this.unsent >= this.parts.limits.mostUnsent;
  }

  /** Hands the message over at once, whether there is room or not. */
  push(message: Message): void {
    if (this.closed) return;
    const size = this.parts.sizeOf(message);
    this.unsent += size;
    this.parts.send(message, (error) => {
      this.unsent -= size;
      if (error === undefined || error === null) this.sent();
    });
    if (this.full) this.stopStallTimer ??= this.startStall();
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
    this.parts.notify('sent');
    this.endStall();
    if (this.full) this.stopStallTimer = this.startStall();
    else this.wake();
  }

  private startStall(): Cancel {
    return this.parts.timers.after(this.parts.limits.stallLimitMs, () => this.parts.notify('stalled'));
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

/** In bytes, of texts. */
export function textBytes(text: string): number {
  return Buffer.byteLength(text);
}
