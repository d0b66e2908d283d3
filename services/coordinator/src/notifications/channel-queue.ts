import type { Failure } from '@tutti/contracts';
import { toTuttiError, type Cancel, type Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import { DueQueue } from '../timers/due-queue.js';
import type { RetryOptions } from './channel.decider.js';
import type { ChannelLedger } from './channel-ledger.js';
import { messageOf } from './message.js';
import { failed, type DeliveryOutcome, type NotificationChannel, type RequestedNotification } from './notification-channel.port.js';

interface QueueParts {
  readonly channel: NotificationChannel;
  readonly ledger: ChannelLedger;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly concurrency: number;
  readonly maxPending: number;
  readonly retry: RetryOptions;
  readonly publicUrl: string | null;
}

const RECORD_AGAIN_MS = 1_000;

/**
 * Delivers what is pending in one channel's ledger, a few at a time, each again as its failures say. What was sent and not recorded, because the process ended in
 * between, is sent again under the same id.
 */
export class ChannelQueue {
  private readonly ready = new Set<string>();
  private readonly inHand = new Map<string, Promise<unknown>>();
  private readonly due: DueQueue;
  private readonly aborting = new AbortController();
  private readonly waits = new Set<Cancel>();
  private stopped = false;

  constructor(private readonly parts: QueueParts) {
    this.due = new DueQueue(parts.runtime, (id) => {
      this.ready.add(id);
      this.work();
    });
  }

  get channel(): NotificationChannel {
    return this.parts.channel;
  }

  /** Takes up what is pending. */
  start(): void {
    for (const id of this.parts.ledger.state.pending.keys()) this.offer(id);
    this.work();
  }

  /** Resolves when the requests are durable; does not wait for deliveries. @throws TuttiError what the store says */
  async request(notifications: readonly RequestedNotification[]): Promise<void> {
    const { ledger, maxPending, logger, channel } = this.parts;
    const events = await ledger.handle({ type: 'Request', notifications, maxPending, refused: null });
    const refused = events.filter(({ type }) => type === 'NotificationFailed').length;
    if (refused > 0) logger.warn('notifications are undeliverable: too many wait already', { channel: channel.name, count: refused });
    for (const { type, data } of events) if (type === 'NotificationRequested') this.offer(data.notificationId);
    this.work();
  }

  /** Sends once, now, whatever else waits; recorded like any other. @throws TuttiError what the store says */
  async sendOnce(notification: RequestedNotification): Promise<DeliveryOutcome> {
    const { ledger } = this.parts;
    const id = notification.notificationId;
    const sending = ledger
      .handle({ type: 'Request', notifications: [notification], maxPending: Number.MAX_SAFE_INTEGER, refused: null })
      .then(async () => {
        const outcome = await this.send(notification);
        await this.record(id, outcome.delivered ? outcome : { ...outcome, permanent: true });
        return outcome;
      });
    this.hold(id, sending);
    return sending;
  }

  /** Waits for what is in hand, at most so long, then breaks it off. */
  async stop(drainMs: number): Promise<void> {
    this.stopped = true;
    this.due.close();
    const cancel = this.parts.runtime.timers.after(drainMs, () => this.aborting.abort());
    for (const cancelWait of this.waits) cancelWait();
    await Promise.allSettled(this.inHand.values());
    cancel();
  }

  private offer(id: string): void {
    const pending = this.parts.ledger.state.pending.get(id);
    if (pending === undefined || this.inHand.has(id)) return;
    if (pending.dueMs > this.parts.runtime.clock.now()) this.due.arm(id, pending.dueMs);
    else this.ready.add(id);
  }

  private work(): void {
    for (const id of this.ready) {
      if (this.stopped || this.inHand.size >= this.parts.concurrency) return;
      this.ready.delete(id);
      const pending = this.parts.ledger.state.pending.get(id);
      if (pending === undefined || this.inHand.has(id)) continue;
      this.hold(id, this.deliver(id, pending.requested));
    }
  }

  private hold(id: string, work: Promise<unknown>): void {
    const done = work
      .catch((error: unknown) => this.parts.logger.error('a notification could not be recorded', { notification: id, err: error }))
      .finally(() => {
        this.inHand.delete(id);
        if (this.stopped) return;
        this.offer(id);
        this.work();
      });
    this.inHand.set(id, done);
  }

  private async deliver(id: string, requested: RequestedNotification): Promise<void> {
    const outcome = await this.send(requested);
    // Broken off by the stop: nobody knows what came of it, and it is sent again after the next start.
    if (this.aborting.signal.aborted && !outcome.delivered) return;
    await this.record(id, outcome);
  }

  private async send(requested: RequestedNotification): Promise<DeliveryOutcome> {
    const { channel, publicUrl } = this.parts;
    try {
      return await channel.send(messageOf(requested, publicUrl), this.aborting.signal);
    } catch (error) {
      return failed('INTERNAL', toTuttiError(error).message);
    }
  }

  /** Tries until it is recorded: otherwise it would be sent again, though it was delivered. Gives up when it is stopped. */
  private async record(id: string, outcome: DeliveryOutcome): Promise<void> {
    const { ledger, runtime, logger, retry, channel } = this.parts;
    if (!outcome.delivered) this.note(id, outcome.error, outcome.permanent);
    for (;;) {
      const times = { nowMs: runtime.clock.now(), random: runtime.random.next() };
      try {
        if (outcome.delivered) await ledger.handle({ type: 'RecordSent', id, answer: outcome.answer });
        else {
          const { error, permanent, retryAfterMs } = outcome;
          await ledger.handle({ type: 'RecordFailed', id, error, permanent, retryAfterMs, retry, ...times });
        }
        return;
      } catch (error) {
        if (this.stopped) throw error;
        logger.warn('a delivery is not recorded yet; it is tried again', { channel: channel.name, notification: id, err: error });
        await this.wait(RECORD_AGAIN_MS);
      }
    }
  }

  private note(id: string, error: Failure, permanent: boolean): void {
    const { logger, channel } = this.parts;
    logger.warn('a notification was not delivered', {
      channel: channel.name,
      notification: id,
      code: error.code,
      reason: error.message,
      permanent,
    });
  }

  private wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.waits.delete(end);
        cancel();
        resolve();
      };
      const cancel = this.parts.runtime.timers.after(ms, end);
      this.waits.add(end);
    });
  }
}
