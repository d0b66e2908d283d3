import { notificationEvents, upcast, type NotificationEvent } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import { eventMetadata, isTuttiError, newEvent, type NewEvent, type RecordedEvent, type Runtime } from '@tutti/kernel';
import { channelDecider, type ChannelCommand } from './channel.decider.js';
import { CHANNEL_SNAPSHOT_VERSION, decodeChannel, encodeChannel, initialChannelState, type ChannelState } from './channel.state.js';

interface LedgerParts {
  readonly store: EventStore;
  readonly runtime: Pick<Runtime, 'ids'>;
}

const ATTEMPTS = 5;
const EVENTS_PER_SNAPSHOT = 500;

export function notificationStream(channel: string): string {
  return `notification-${channel}`;
}

/** The stream of one channel, kept in memory: a full channel is not read again for every delivery. Commands are carried out one after the other. */
export class ChannelLedger {
  private current: ChannelState = initialChannelState();
  private revision = -1;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    readonly channel: string,
    private readonly parts: LedgerParts,
  ) {}

  /** As of the last command or load. Not to be changed. */
  get state(): ChannelState {
    return this.current;
  }

  /** @throws TuttiError what the store says */
  load(): Promise<void> {
    return this.inTurn(() => this.loadNow());
  }

  /**
   * Resolves when what was decided is durable.
   *
   * @throws TuttiError what the store says; the same command may be given again
   */
  handle(command: ChannelCommand): Promise<readonly NotificationEvent[]> {
    return this.inTurn(async () => {
      for (let attempt = 1; ; attempt++) {
        const events = channelDecider.decide(command, this.current);
        if (events.length === 0) return events;
        try {
          await this.append(events);
          return events;
        } catch (error) {
          if (!isTuttiError(error, 'REVISION_CONFLICT') || attempt >= ATTEMPTS) throw error;
          await this.readOn();
        }
      }
    });
  }

  private async append(events: readonly NotificationEvent[]): Promise<void> {
    const { store } = this.parts;
    const stream = notificationStream(this.channel);
    const metadata = eventMetadata({ correlationId: stream, actor: 'service:coordinator' });
    const encoded = events.map(({ type, data }): NewEvent =>
      newEvent(this.parts.runtime.ids.next(), notificationEvents[type], data, metadata),
    );
    const { revision } = await store.append(stream, encoded, this.revision < 0 ? 'no-stream' : this.revision);
    for (const event of events) channelDecider.evolve(this.current, event);
    const passed = Math.floor((revision + 1) / EVENTS_PER_SNAPSHOT) > Math.floor((this.revision + 1) / EVENTS_PER_SNAPSHOT);
    this.revision = revision;
    if (!passed) return;
    const snapshot = { revision, schemaVersion: CHANNEL_SNAPSHOT_VERSION, state: encodeChannel(this.current) };
    // What was decided is durable; a snapshot that is not saved only costs time.
    store.saveSnapshot(stream, snapshot).catch(() => undefined);
  }

  private async loadNow(): Promise<void> {
    const snapshot = await this.parts.store.loadSnapshot(notificationStream(this.channel));
    const usable = snapshot?.schemaVersion === CHANNEL_SNAPSHOT_VERSION ? snapshot : null;
    this.current = usable === null ? initialChannelState() : decodeChannel(usable.state);
    this.revision = usable?.revision ?? -1;
    await this.readOn();
  }

  private async readOn(): Promise<void> {
    for await (const recorded of this.parts.store.readStream(notificationStream(this.channel), { from: this.revision + 1 })) {
      channelDecider.evolve(this.current, decode(recorded));
      this.revision = recorded.revision;
    }
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(work);
    this.last = done.catch(() => undefined);
    return done;
  }
}

function decode(recorded: RecordedEvent): NotificationEvent {
  return upcast(recorded) as unknown as NotificationEvent;
}
