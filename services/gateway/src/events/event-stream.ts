import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Cancel, RecordedEvent, Timers, TuttiError } from '@tutti/kernel';
import { problemOf } from '../door/problem.js';
import type { EventReader } from '../feed/event-following.js';
import { Outbox, textBytes } from '../feed/outbox.js';
import type { RunEnd } from '../feed/run-end.js';
import type { FeedConfig } from '../gateway.config.js';
import { eventText } from './event-page.js';

/** How long browsers wait before they ask again. */
const RETRY_MS = 2_000;
/** For the reader to take why it was ended. */
const END_GRACE_MS = 2_000;
const STATUS_OF_END: Readonly<Record<string, string>> = { RunSucceeded: 'succeeded', RunFailed: 'failed', RunCancelled: 'cancelled' };

interface StreamParts {
  readonly config: Pick<FeedConfig, 'bufferBytes' | 'stallLimitMs' | 'pingIntervalMs'>;
  readonly timers: Pick<Timers, 'after'>;
  /** It took nothing of a full buffer within the limit, or it is gone. */
  readonly onLost: (why: 'stalled' | 'gone') => void;
}

/** One answer of server-sent events: `id` is the position to go on behind. */
export class EventStream implements EventReader {
  private readonly outbox: Outbox<string>;
  private stopBeats: Cancel = () => {};

  constructor(
    private readonly response: ServerResponse,
    private readonly parts: StreamParts,
  ) {
    const { config, timers, onLost } = parts;
    this.outbox = new Outbox({
      send: (text, done) => response.write(text, done),
      sizeOf: textBytes,
      limits: { mostUnsent: config.bufferBytes, stallLimitMs: config.stallLimitMs },
      timers,
      notify: (what) => {
        if (what === 'stalled') onLost('stalled');
      },
    });
    response.once('close', () => onLost('gone'));
    // A write that fails because the reader went away; `close` follows.
    response.on('error', () => {});
  }

  open(headers: OutgoingHttpHeaders): void {
    const { response, parts } = this;
    response.socket?.setNoDelay(true);
    // Who is gone without a word is found out.
    response.socket?.setKeepAlive(true, parts.config.pingIntervalMs);
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
    this.outbox.push(`retry: ${RETRY_MS}\n\n`);
    this.armBeat();
  }

  room(): Promise<boolean> {
    return this.outbox.room();
  }

  event(event: RecordedEvent): void {
    this.say(event.type, eventText(event), event.position);
  }

  caughtUp(position: number): void {
    this.say('caught-up', JSON.stringify({ position }), position);
  }

  /** Ends it behind the last event of a run, which may have come behind its end. @param reached where to go on behind */
  end({ type, position }: RunEnd, reached: number): void {
    this.say('end', JSON.stringify({ status: STATUS_OF_END[type] ?? type, position }), reached);
    this.finish(this.parts.config.stallLimitMs);
  }

  /** Ends it from this side, and says why to whoever still reads. */
  fail(reason: TuttiError): void {
    // Behind what it does not read, the end would wait as well.
    const graceMs = this.outbox.full ? 0 : END_GRACE_MS;
    if (graceMs > 0) this.say('problem', JSON.stringify(problemOf(reason)));
    this.finish(graceMs);
  }

  release(): void {
    this.stopBeats();
    this.outbox.close();
  }

  /** What is on its way has so long to arrive. */
  private finish(graceMs: number): void {
    const { response, parts } = this;
    this.release();
    if (graceMs === 0) {
      response.destroy();
      return;
    }
    const cancel = parts.timers.after(graceMs, () => response.destroy());
    response.once('close', cancel);
    response.end();
  }

  /** `text` has no line breaks: it is JSON. */
  private say(type: string, text: string, position?: number): void {
    this.outbox.push(`event: ${type}\n${position === undefined || position < 0 ? '' : `id: ${position}\n`}data: ${text}\n\n`);
  }

  private armBeat(): void {
    this.stopBeats = this.parts.timers.after(this.parts.config.pingIntervalMs, () => {
      if (!this.outbox.full) this.outbox.push(': still here\n\n');
      this.armBeat();
    });
  }
}
