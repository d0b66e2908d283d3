import type { ServerWritableStream } from '@grpc/grpc-js';
import { toEventRecord, type FollowRequest, type FollowResponse } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import { toTuttiError, TuttiError, type Timers } from '@tutti/kernel';
import { parseRequest, statusOf } from '@tutti/service-kit';
import { z } from 'zod';
import type { Principal } from '../access/principal.js';
import { readableSelection } from '../access/readable-events.js';
import { nameText } from '@tutti/rest-contract';
import { newestVersion } from '../events/event-page.js';
import { beginAt, EventFollowing } from '../feed/event-following.js';
import { Outbox } from '../feed/outbox.js';
import type { RunFacts } from '../feed/run-facts.js';
import { SelectedEvents } from '../feed/selected-events.js';
import type { FeedConfig } from '../gateway.config.js';

export type FollowStream = ServerWritableStream<FollowRequest, FollowResponse>;

interface FollowParts {
  readonly principal: Principal;
  readonly store: EventStore;
  readonly facts: RunFacts;
  readonly config: Pick<FeedConfig, 'stallLimitMs' | 'maxBatch'>;
  readonly timers: Pick<Timers, 'after'>;
}

/** Empty texts and lists, which the contract cannot tell from absent ones, stand for everything. */
const name = nameText.or(z.literal('')).transform((text) => (text === '' ? undefined : text));
const names = z
  .array(nameText)
  .max(100)
  .transform((list) => (list.length === 0 ? undefined : list));
const followRequest = z.object({ after: z.int().min(-1).optional(), runId: name, categories: names, types: names });

/** One reader of the feed by gRPC. Holds one message at a time: the next is taken when that one is on its way. */
export class EventFollow {
  private readonly outbox: Outbox<FollowResponse>;
  private following: EventFollowing | null = null;
  private over = false;

  constructor(
    private readonly stream: FollowStream,
    private readonly parts: FollowParts,
  ) {
    const { config, timers } = parts;
    this.outbox = new Outbox({
      send: (message, done) => stream.write(message, done),
      sizeOf: () => 1,
      limits: { mostUnsent: 1, stallLimitMs: config.stallLimitMs },
      timers,
      notify: (what) => {
        if (what === 'stalled') this.end(new TuttiError('OVERLOADED', 'too slow; follow again after the last position'));
      },
    });
    stream.on('cancelled', () => this.end(null));
    // A write that fails because the caller went away.
    stream.on('error', () => this.end(null));
  }

  /** Runs until the caller goes, or it is ended from here. Never rejects: what went wrong is the call's status. */
  async run(): Promise<void> {
    const { principal, store, facts, config } = this.parts;
    try {
      const { after = 'head', ...asked } = parseRequest(followRequest, this.stream.request);
      const selection = readableSelection(principal, asked);
      const beginning = await beginAt(store, after);
      if (this.over) return;
      this.following = new EventFollowing(store, new SelectedEvents(selection, facts), this.reader, { maxBatch: config.maxBatch });
      await this.following.run(beginning);
    } catch (error) {
      this.end(toTuttiError(error));
    }
  }

  /** Ends it from this side. */
  end(reason: TuttiError | null): void {
    if (this.over) return;
    this.over = true;
    this.outbox.close();
    void this.following?.close();
    if (reason !== null) this.stream.emit('error', statusOf(reason));
  }

  private get reader() {
    return {
      room: () => this.outbox.room(),
      event: (event: Parameters<typeof newestVersion>[0]) => this.outbox.push({ event: toEventRecord(newestVersion(event)) }),
      caughtUp: (position: number) => this.outbox.push({ caughtUp: { position } }),
    };
  }
}
