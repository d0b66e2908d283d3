import type { ServerWritableStream } from '@grpc/grpc-js';
import { toEventRecord, type FollowRequest, type FollowResponse } from '@tutti/contracts';
import type { EventFilter, EventStore, EventSubscription } from '@tutti/event-store';
import { toTuttiError, TuttiError, type RecordedEvent, type Timers } from '@tutti/kernel';
import { parseRequest, statusOf } from '@tutti/service-kit';
import { z } from 'zod';
import { nameText } from '../door/request-parsing.js';
import { newestVersion } from '../events/event-page.js';
import type { FeedConfig } from '../gateway.config.js';

export type FollowStream = ServerWritableStream<FollowRequest, FollowResponse>;

interface FollowParts {
  readonly store: EventStore;
  readonly config: Pick<FeedConfig, 'stallLimitMs' | 'maxBatch'>;
  readonly timers: Pick<Timers, 'after'>;
}

const names = z.array(nameText).max(100);
const followRequest = z.object({
  after: z.int().min(-1).optional(),
  runId: nameText.or(z.literal('')),
  categories: names,
  types: names,
});
type Follow = z.infer<typeof followRequest>;

/** One reader of the feed: catches up from its position, says so once, and follows. Holds one message at a time: the next is taken when that one is on its way. */
export class EventFollow {
  private source: EventSubscription | null = null;
  private over = false;
  private whenOver: () => void = () => {};
  private readonly ended = new Promise<void>((resolve) => (this.whenOver = resolve));

  constructor(
    private readonly stream: FollowStream,
    private readonly parts: FollowParts,
  ) {
    stream.on('cancelled', () => this.end(null));
    // A write that fails because the caller went away.
    stream.on('error', () => this.end(null));
  }

  /** Runs until the caller goes, or it is ended from here. Never rejects: what went wrong is the call's status. */
  async run(): Promise<void> {
    try {
      await this.follow(parseRequest(followRequest, this.stream.request));
    } catch (error) {
      this.end(toTuttiError(error));
    }
    await this.source?.close();
  }

  /** Ends it from this side. */
  end(reason: TuttiError | null): void {
    if (this.over) return;
    this.over = true;
    if (reason !== null) this.stream.emit('error', statusOf(reason));
    this.whenOver();
  }

  private async follow(request: Follow): Promise<void> {
    const { store, config } = this.parts;
    const head = await store.head();
    const after = request.after ?? head;
    if (after > head)
      throw new TuttiError('INVALID_REQUEST', `after is ${after}, but the newest event is at ${head}: the position is from another store`);
    const wanted = filterOf(request);
    // A run's own stream is read by itself: what is there of other runs costs nothing.
    if (request.runId !== '' && after < head) await this.readRun(`run-${request.runId}`, after, head, wanted);
    const from = request.runId === '' ? after : head;
    let caughtUp = from === head && (await this.send({ caughtUp: { position: head } }));
    if (this.over) return;
    const source = store.subscribe({
      after: from,
      filter: wanted,
      maxBatch: config.maxBatch,
      onBatch: async (events, through) => {
        for (const event of events) if (!(await this.take(event, request))) return;
        if (!caughtUp && through >= head) caughtUp = await this.send({ caughtUp: { position: through } });
      },
    });
    this.source = source;
    const stopped = source.ended.then(() => {
      if (!this.over) throw new TuttiError('SHUTTING_DOWN', 'the event store was closed');
    });
    await Promise.race([this.ended, stopped]);
  }

  private async readRun(stream: string, after: number, head: number, { categories, types }: EventFilter): Promise<void> {
    if (categories?.includes('run') === false) return;
    for await (const event of this.parts.store.readStream(stream)) {
      if (event.position > head) return;
      if (event.position <= after || types?.includes(event.type) === false) continue;
      if (!(await this.send({ event: toEventRecord(newestVersion(event)) }))) return;
    }
  }

  private take(event: RecordedEvent, { runId }: Follow): Promise<boolean> {
    if (runId !== '' && event.stream !== `run-${runId}`) return Promise.resolve(!this.over);
    return this.send({ event: toEventRecord(newestVersion(event)) });
  }

  /** Waits until the message is on its way; false when there is nobody any more. */
  private async send(message: FollowResponse): Promise<boolean> {
    if (this.over) return false;
    const cancelStall = this.parts.timers.after(this.parts.config.stallLimitMs, () =>
      this.end(new TuttiError('OVERLOADED', 'too slow; follow again after the last position')),
    );
    const written = new Promise<void>((resolve) => this.stream.write(message, () => resolve()));
    await Promise.race([written, this.ended]);
    cancelStall();
    return !this.over;
  }
}

/** Empty lists, which the contract cannot tell from absent ones, stand for everything. */
function filterOf({ runId, categories, types }: Follow): EventFilter {
  const all = categories.length === 0;
  const wanted = runId === '' ? categories : all ? ['run'] : categories.filter((category) => category === 'run');
  return { ...(runId === '' && all ? {} : { categories: wanted }), ...(types.length === 0 ? {} : { types }) };
}
