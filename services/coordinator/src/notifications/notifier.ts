import { NOTIFIABLE_EVENTS, type NotifyOn } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import { sha256Hex, TuttiError, type JsonObject, type RecordedEvent, type Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import type { Ownership } from '../ownership/ownership.js';
import { addresseesOf } from './addressees.js';
import { ChannelLedger } from './channel-ledger.js';
import { ChannelQueue } from './channel-queue.js';
import { EventFollower } from './event-follower.js';
import { FollowerPosition } from './follower-position.js';
import { tellOf } from './notifiable-events.js';
import type { DeliveryOutcome, NotificationChannel, RequestedNotification } from './notification-channel.port.js';
import type { NotificationsConfig } from './notifications.config.js';
import { RunFactsReader, texts } from './run-facts.js';

export interface NotifierParts {
  readonly store: EventStore;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly config: Omit<NotificationsConfig, 'channels' | 'timeoutMs'>;
  readonly channels: readonly NotificationChannel[];
  readonly ownership: Pick<Ownership, 'owns' | 'onChange'>;
}

export interface TestedChannel {
  readonly id: string;
  readonly outcome: DeliveryOutcome;
}

/** Of several coordinators, the one tells people in whose partitions this falls. Should two do it for a while, what they send has the same ids. */
const OWNED = 'notifier';
const DRAIN_MS = 3_000;
const START_AGAIN_MS = 1_000;
const ON_BY_TYPE: ReadonlyMap<string, NotifyOn> = new Map(Object.entries(NOTIFIABLE_EVENTS).map(([on, type]) => [type, on as NotifyOn]));

/**
 * Tells people what happens to runs. At least once: what is to be told is durable before the follower moves on, what was sent is recorded afterwards, and both go on
 * where they stopped. Nothing that runs waits for it. Without channels it does nothing at all.
 */
export class Notifier {
  private active: Active | null = null;
  private endListening: () => void = () => undefined;
  private changing: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly parts: NotifierParts) {}

  /** @throws TuttiError what the store says */
  async start(): Promise<void> {
    const { channels, ownership } = this.parts;
    if (channels.length === 0) return;
    this.endListening = ownership.onChange(() => this.follow());
    this.changing = this.toBe();
    await this.changing;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.endListening();
    await this.changing.catch(() => undefined);
    await this.active?.stop();
    this.active = null;
  }

  /**
   * Sends a test, once.
   *
   * @param to none for all addresses that the configuration's rules name for the channel
   * @throws TuttiError CHANNEL_NOT_FOUND · INVALID_REQUEST where the channel needs addresses and there are none · SHUTTING_DOWN while it is not up
   */
  async test(channel: string, to: readonly string[], actor: string): Promise<TestedChannel> {
    const { channels, config, runtime } = this.parts;
    const known = channels.find(({ name }) => name === channel);
    if (known === undefined) {
      const names = channels.map(({ name }) => name).join(', ');
      throw new TuttiError(
        'CHANNEL_NOT_FOUND',
        `there is no notification channel "${channel}"; configured are: ${names === '' ? 'none' : names}`,
      );
    }
    const addresses = to.length > 0 ? to : [...new Set(config.rules.flatMap((rule) => (rule.channel === channel ? rule.to : [])))];
    if (known.needsAddresses && addresses.length === 0)
      throw new TuttiError('INVALID_REQUEST', `channel "${channel}" sends mail, and no rule names an address for it; name one in "to"`);
    const queue = this.active?.queue(channel);
    if (queue === undefined)
      throw new TuttiError('SHUTTING_DOWN', 'this process sends no notifications now; try again, or ask the one that does', {
        // Told apart by whoever finds owners of runs.
        details: { runId: OWNED, begun: false },
      });
    const id = notificationId(runtime.ids.next(), channel);
    const title = `Test of channel ${channel}`;
    const text = `${actor} asked for it. Nothing needs to be done.`;
    return { id, outcome: await queue.sendOnce({ notificationId: id, channel, on: 'test', to: addresses, about: null, title, text }) };
  }

  private follow(): void {
    this.changing = this.changing
      .then(() => this.toBe())
      .catch((error: unknown) => {
        this.parts.logger.warn('notifications could not be taken over; it is tried again', { err: error });
        this.parts.runtime.timers.after(START_AGAIN_MS, () => this.follow());
      });
  }

  private async toBe(): Promise<void> {
    const wanted = !this.stopped && this.parts.ownership.owns(OWNED);
    if (wanted && this.active === null) {
      const active = new Active(this.parts);
      await active.start();
      this.active = active;
    } else if (!wanted && this.active !== null) {
      await this.active.stop();
      this.active = null;
    }
  }
}

/** From taking over to handing over. */
class Active {
  private readonly queues: ReadonlyMap<string, ChannelQueue>;
  private readonly ledgers: ReadonlyMap<string, ChannelLedger>;
  private readonly unknown = new Map<string, ChannelLedger>();
  private readonly facts: RunFactsReader;
  private readonly follower: EventFollower;

  constructor(private readonly parts: NotifierParts) {
    const { store, runtime, logger, channels, config } = parts;
    const { concurrency, maxPending, maxAttempts, retryMs, publicUrl = null } = config;
    this.ledgers = new Map(channels.map(({ name }) => [name, new ChannelLedger(name, { store, runtime })]));
    this.queues = new Map(
      channels.flatMap((channel) => {
        const ledger = this.ledgers.get(channel.name);
        if (ledger === undefined) return [];
        const options = { concurrency, maxPending, publicUrl, retry: { maxAttempts, retryMs } };
        return [[channel.name, new ChannelQueue({ channel, ledger, runtime, logger, ...options })]];
      }),
    );
    this.facts = new RunFactsReader(store);
    const position = new FollowerPosition(store, runtime);
    this.follower = new EventFollower({ store, position, runtime, logger, onEvents: (events) => this.take(events) });
  }

  queue(channel: string): ChannelQueue | undefined {
    return this.queues.get(channel);
  }

  async start(): Promise<void> {
    await Promise.all([...this.ledgers.values()].map((ledger) => ledger.load()));
    await this.follower.start();
    for (const queue of this.queues.values()) queue.start();
  }

  async stop(): Promise<void> {
    await this.follower.stop();
    await Promise.all([...this.queues.values()].map((queue) => queue.stop(DRAIN_MS)));
  }

  private async take(events: readonly RecordedEvent[]): Promise<void> {
    const byChannel = new Map<string, RequestedNotification[]>();
    for (const event of events) {
      for (const notification of await this.notificationsOf(event)) {
        const list = byChannel.get(notification.channel) ?? [];
        list.push(notification);
        byChannel.set(notification.channel, list);
      }
    }
    await Promise.all([...byChannel].map(([channel, notifications]) => this.request(channel, notifications)));
  }

  private async request(channel: string, notifications: readonly RequestedNotification[]): Promise<void> {
    const queue = this.queues.get(channel);
    if (queue !== undefined) return queue.request(notifications);
    // Only a definition can name one that is not there. It is recorded, so that somebody finds out.
    let ledger = this.unknown.get(channel);
    if (ledger === undefined) {
      ledger = new ChannelLedger(channel, this.parts);
      await ledger.load();
      this.unknown.set(channel, ledger);
    }
    const refused = { code: 'CHANNEL_NOT_FOUND', message: `a definition names the channel "${channel}", which is not configured` };
    await ledger.handle({ type: 'Request', notifications, maxPending: 0, refused });
  }

  private async notificationsOf(event: RecordedEvent): Promise<readonly RequestedNotification[]> {
    const on = ON_BY_TYPE.get(event.type);
    const facts = on === undefined ? null : await this.facts.of(event.stream);
    if (on === undefined || facts === null) return [];
    const { id: eventId, position, time, metadata } = event;
    const data = await this.dataOf(event);
    const { title, text, step, approvalId, gate } = tellOf(on, data, facts.workflow);
    const named = approvalId === null ? [] : namedBy(on, data, step === null || gate === null ? [] : facts.definition.named(step, gate));
    const addressees = addresseesOf({ on, facts, named }, this.parts.config.rules, this.parts.channels);
    const about = { runId: metadata.correlationId, workflow: facts.workflow, step, approvalId, eventId, position, time };
    return [...addressees].map(([channel, to]) => ({
      notificationId: notificationId(eventId, channel),
      channel,
      on,
      to,
      about,
      title,
      text,
    }));
  }

  /** With what the approval was asked for, where the event itself does not repeat it. */
  private async dataOf({ type, data, stream }: RecordedEvent): Promise<JsonObject> {
    const { approvalId } = data;
    if (type === NOTIFIABLE_EVENTS['approval.requested'] || typeof approvalId !== 'string') return data;
    return { ...(await this.facts.approval(stream, approvalId)), ...data };
  }
}

/** Channels and addresses that an approval names; one that is handed on concerns only whom it is handed to. */
function namedBy(on: NotifyOn, data: JsonObject, atGate: readonly string[]): readonly string[] {
  const to = texts(data['to']);
  return on === 'approval.delegated' ? to : [...texts(data['notify']), ...texts(data['approvers']), ...to, ...atGate];
}

/** The same for the same event, whoever looks at it and however often. */
function notificationId(cause: string, channel: string): string {
  return `ntf_${sha256Hex(`${cause}/${channel}`).slice(0, 32)}`;
}
