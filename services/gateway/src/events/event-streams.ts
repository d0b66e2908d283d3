import type { OutgoingHttpHeaders } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import type { EventStore } from '@tutti/event-store';
import { toTuttiError, TuttiError, type Runtime } from '@tutti/kernel';
import type { EventSelection } from '@tutti/rest-contract';
import { EVENT_STORE, LOGGER, RUNTIME, type Logger } from '@tutti/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../access/principal.js';
import { readableSelection } from '../access/readable-events.js';
import { beginAt, EventFollowing, type Beginning } from '../feed/event-following.js';
import { RunFacts } from '../feed/run-facts.js';
import { SelectedEvents } from '../feed/selected-events.js';
import { GATEWAY_PARTS, type GatewayParts } from '../gateway-parts.js';
import { Places } from '../limits/places.js';
import { EventStream } from './event-stream.js';

export interface StreamRequest {
  readonly selection: EventSelection;
  readonly after: number | 'head';
  /** Ends behind the last event of the selected run. */
  readonly untilRunEnds?: boolean;
}

interface BegunWith {
  readonly reply: FastifyReply;
  readonly principal: Principal;
  readonly wanted: StreamRequest;
  readonly beginning: Beginning;
}

/** Every answer of server-sent events that is open. */
@Injectable()
export class EventStreams {
  /** How each is ended, and when it has. */
  private readonly open = new Map<(reason: TuttiError) => void, Promise<void>>();
  private readonly places: Places;
  private readonly logger: Logger;
  private closing = false;

  constructor(
    @Inject(GATEWAY_PARTS) private readonly parts: GatewayParts,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(RunFacts) private readonly facts: RunFacts,
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.places = new Places(parts.config.feed.maxStreams, 'streams');
    this.logger = logger.child({ part: 'event-streams' });
  }

  /**
   * Answers with a stream; resolves when it has begun. Nothing was answered when it throws.
   *
   * @throws TuttiError INVALID_REQUEST for a position that the store has not reached · OVERLOADED · SHUTTING_DOWN
   */
  async answer(request: FastifyRequest, reply: FastifyReply, wanted: StreamRequest): Promise<void> {
    const beginning = await beginAt(this.store, wanted.after);
    if (this.closing) throw new TuttiError('SHUTTING_DOWN', 'the service is stopping');
    const { principal } = request;
    if (principal === null) throw new TuttiError('INTERNAL', 'a stream of events needs a principal');
    const selection = readableSelection(principal, wanted.selection);
    const leave = this.places.take(principal);
    reply.hijack();
    const { ended, end } = this.begin({ reply, principal, wanted: { ...wanted, selection }, beginning });
    this.open.set(end, ended);
    void ended.then(() => {
      this.open.delete(end);
      leave();
    });
  }

  /** Ends them all; resolves when they have ended. */
  async close(): Promise<void> {
    this.closing = true;
    const open = [...this.open];
    for (const [end] of open) end(new TuttiError('SHUTTING_DOWN', 'the service is stopping'));
    await Promise.all(open.map(([, ended]) => ended));
  }

  private begin({ reply, principal, wanted, beginning }: BegunWith) {
    const { runtime, store, facts } = this;
    const { config, credentialWatch } = this.parts;
    let over = false;
    const end = (reason: TuttiError | null): void => {
      if (over) return;
      over = true;
      stopWatch();
      if (reason === null) stream.release();
      else stream.fail(reason);
      void following.close();
    };
    const stream = new EventStream(reply.raw, {
      config: config.feed,
      timers: runtime.timers,
      onLost: (why) => end(why === 'gone' ? null : new TuttiError('OVERLOADED', 'too slow; ask again behind the last event')),
    });
    const following = new EventFollowing(store, new SelectedEvents(wanted.selection, facts), stream, {
      maxBatch: config.feed.maxBatch,
      untilRunEnds: wanted.untilRunEnds === true,
    });
    const stopWatch = credentialWatch.watch(principal, end);
    const follow = async (): Promise<void> => {
      try {
        const runEnd = await following.run(beginning);
        if (runEnd === null || over) return;
        over = true;
        stopWatch();
        stream.end(runEnd, following.reached);
      } catch (error) {
        const fault = toTuttiError(error);
        if (fault.kind === 'internal') this.logger.error('a stream of events failed', { err: fault });
        end(fault);
      }
    };
    stream.open(reply.getHeaders() as OutgoingHttpHeaders);
    // It may have gone while the beginning was looked up.
    if (reply.raw.destroyed) end(null);
    return { ended: follow(), end };
  }
}
