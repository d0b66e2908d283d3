import { Controller, Inject, Req, Res } from '@nestjs/common';
import type { EventStore } from '@tutti/event-store';
import { TuttiError, type RecordedEvent } from '@tutti/kernel';
import { streamEvents, streamRunEvents, type EventSelection, type RouteInput } from '@tutti/rest-contract';
import { EVENT_STORE } from '@tutti/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { endAsOf } from '../feed/run-end.js';
import { Input, Route } from '../rest/route.decorator.js';
import { EventStreams, type StreamRequest } from './event-streams.js';

type Query = RouteInput<typeof streamEvents>['query'];

/** Recorded events as they come, for whoever speaks HTTP alone. */
@Controller()
export class EventStreamsController {
  constructor(
    @Inject(EventStreams) private readonly streams: EventStreams,
    @Inject(EVENT_STORE) private readonly store: EventStore,
  ) {}

  @Route(streamEvents)
  async ofAll(
    @Input(streamEvents) { query, headers }: RouteInput<typeof streamEvents>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const after = headers['last-event-id'] ?? query.after ?? 'head';
    await this.answer(request, reply, { selection: selectionOf(query), after });
  }

  @Route(streamRunEvents)
  async ofRun(
    @Input(streamRunEvents) { params, query, headers }: RouteInput<typeof streamRunEvents>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const lastId = headers['last-event-id'];
    const stream = `run-${params.id}`;
    const last = await this.lastOf(stream);
    if (last === null) throw new TuttiError('RUN_NOT_FOUND', `there is no run ${JSON.stringify(params.id)}`);
    // A browser asks again behind the end of every answer, until it is told that there is no more.
    if (lastId !== undefined && lastId >= last.position && (await endAsOf(this.store, stream, last.revision)) !== null) {
      void reply.code(204).send();
      return;
    }
    const selection = { runId: params.id, ...(query.type === undefined ? {} : { types: query.type }) };
    const after = lastId ?? query.after ?? -1;
    await this.answer(request, reply, { selection, after, untilRunEnds: true });
  }

  private async answer(request: FastifyRequest, reply: FastifyReply, wanted: StreamRequest): Promise<void> {
    if (request.method === 'HEAD') void reply.type('text/event-stream; charset=utf-8').send();
    else await this.streams.answer(request, reply, wanted);
  }

  private async lastOf(stream: string): Promise<RecordedEvent | null> {
    for await (const event of this.store.readStream(stream, { direction: 'backwards', limit: 1 })) return event;
    return null;
  }
}

function selectionOf({ category, type, runId, root, workflow, label }: Query): EventSelection {
  return {
    ...(category === undefined ? {} : { categories: category }),
    ...(type === undefined ? {} : { types: type }),
    ...(runId === undefined ? {} : { runId }),
    ...(root === undefined ? {} : { rootRunId: root }),
    ...(workflow === undefined ? {} : { workflow }),
    ...(label === undefined ? {} : { labels: Object.fromEntries(label) }),
  };
}
