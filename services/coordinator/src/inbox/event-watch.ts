import type { RecordedEvent, Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import { seenEvent, type SeenEvent } from './seen-event.js';

export interface WatchRequest {
  /** Gives events after this position; -1 for all. */
  readonly after: number;
  /** Of an event from outside as its sender calls it, or of one that Tutti records, like `RunSucceeded`. */
  readonly eventType: string;
  /** Only from there. */
  readonly source?: string;
}

/** A rejection gives the same event again a second later, until it is taken or the watch is closed. */
export type OnEvent = (event: SeenEvent) => Promise<void> | void;

/** Events that wait for a slow watcher; what comes beyond is read again from the store. */
const MAX_QUEUED = 256;
const TRY_AGAIN_MS = 1_000;

/** One watcher: gets its events in order of position, one at a time, each once. */
export class EventWatch {
  /** Position of the last event that was looked at and either queued or none of its own. */
  reached: number;
  /** It must read from the store what it has not seen; until then it takes nothing from the subscription. */
  behind = false;
  /** Something came while it was behind. */
  missed = false;
  closed = false;
  private readonly queue: RecordedEvent[] = [];
  private delivering = false;

  constructor(
    readonly request: WatchRequest,
    private readonly onEvent: OnEvent,
    private readonly parts: {
      readonly runtime: Pick<Runtime, 'timers'>;
      readonly logger: Logger;
      /** Its queue is empty again. */
      readonly onRoom: (watch: EventWatch) => void;
    },
  ) {
    this.reached = request.after;
  }

  get hasRoom(): boolean {
    return this.queue.length === 0;
  }

  /** False when there is no room for it: the watch is behind then. */
  offer(event: RecordedEvent): boolean {
    if (this.closed || event.position <= this.reached) return true;
    if (this.queue.length >= MAX_QUEUED) return false;
    this.reached = event.position;
    const { source } = this.request;
    if (source !== undefined && seenEvent(event).source !== source) return true;
    this.queue.push(event);
    if (!this.delivering) void this.deliver();
    return true;
  }

  close(): void {
    this.closed = true;
    this.queue.length = 0;
  }

  private async deliver(): Promise<void> {
    this.delivering = true;
    for (let event = this.queue[0]; event !== undefined && !this.closed; event = this.queue[0]) {
      const taken = await this.hand(event);
      if (this.closed) return;
      if (taken) this.queue.shift();
      else await new Promise<void>((resolve) => this.parts.runtime.timers.after(TRY_AGAIN_MS, resolve));
    }
    this.delivering = false;
    if (!this.closed) this.parts.onRoom(this);
  }

  private async hand(event: RecordedEvent): Promise<boolean> {
    try {
      await this.onEvent(seenEvent(event));
      return true;
    } catch (error) {
      const { eventType } = this.request;
      this.parts.logger.warn('an event could not be taken by who waits for it; it is tried again', {
        eventType,
        event: event.id,
        err: error,
      });
      return false;
    }
  }
}
