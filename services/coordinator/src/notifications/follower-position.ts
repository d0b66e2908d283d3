import { notificationEvents, upcast } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import { eventMetadata, isTuttiError, newEvent, type Runtime } from '@tutti/kernel';
import { z } from 'zod';

/** No channel can have this name. */
const STREAM = 'notification-.follower';
const METADATA = eventMetadata({ correlationId: STREAM, actor: 'service:coordinator' });

const advanced = z.object({ position: z.number() });

/** How far events have been looked at, over restarts. */
export class FollowerPosition {
  private revision = -1;

  constructor(
    private readonly store: EventStore,
    private readonly runtime: Pick<Runtime, 'ids'>,
  ) {}

  /** The head at the very first time: nobody wants to hear of what happened before notifications were set up. @throws TuttiError what the store says */
  async load(): Promise<number> {
    const found = await this.newest();
    if (found !== null) return found;
    const head = await this.store.head();
    await this.save(head);
    return head;
  }

  /** Without effect where somebody else has got further. @throws TuttiError what the store says */
  async save(position: number): Promise<void> {
    const event = newEvent(this.runtime.ids.next(), notificationEvents.NotifierAdvanced, { position }, METADATA);
    try {
      this.revision = (await this.store.append(STREAM, [event], this.revision < 0 ? 'no-stream' : this.revision)).revision;
    } catch (error) {
      if (!isTuttiError(error, 'REVISION_CONFLICT')) throw error;
      const theirs = await this.newest();
      if (theirs === null || theirs < position) throw error;
    }
  }

  private async newest(): Promise<number | null> {
    for await (const recorded of this.store.readStream(STREAM, { direction: 'backwards', limit: 1 })) {
      this.revision = recorded.revision;
      return advanced.parse(upcast(recorded).data).position;
    }
    return null;
  }
}
