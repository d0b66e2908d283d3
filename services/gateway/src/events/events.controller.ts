import { Controller, Get, Header, Inject, Param, Query } from '@nestjs/common';
import type { EventStore } from '@tutti/event-store';
import { TuttiError } from '@tutti/kernel';
import { EVENT_STORE } from '@tutti/service-kit';
import { z } from 'zod';
import { nameText, parameters, repeated, wholeNumber } from '../door/request-parsing.js';
import { GATEWAY_PARTS, type GatewayParts } from '../gateway-parts.js';
import { readEventPage } from './event-page.js';

const DEFAULT_LIMIT = 100;
const JSON_TYPE = 'application/json; charset=utf-8';

const limit = wholeNumber(1, 10_000).default(DEFAULT_LIMIT);
const runPath = z.strictObject({ id: nameText });
const streamQuery = z.strictObject({ from: wholeNumber(0).default(0), limit });
const allQuery = z.strictObject({
  after: wholeNumber(-1).default(-1),
  limit,
  category: repeated(nameText, 100).optional(),
  type: repeated(nameText, 100).optional(),
});

/** Recorded events, straight from the store. The lists are JSON texts already: large pages are written once. */
@Controller('v1')
export class EventsController {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(GATEWAY_PARTS) private readonly parts: GatewayParts,
  ) {}

  @Get('runs/:id/events')
  @Header('content-type', JSON_TYPE)
  async ofRun(
    @Param(parameters(runPath)) { id }: z.infer<typeof runPath>,
    @Query(parameters(streamQuery)) query: z.infer<typeof streamQuery>,
  ): Promise<string> {
    const stream = `run-${id}`;
    const most = this.most(query.limit);
    const page = await readEventPage(
      this.store.readStream(stream, { from: query.from, limit: most + 1 }),
      most,
      this.parts.config.maxEventPageBytes,
    );
    if (page.last === undefined && !(await this.exists(stream)))
      throw new TuttiError('RUN_NOT_FOUND', `there is no run ${JSON.stringify(id)}`);
    const next = page.more && page.last !== undefined ? page.last.revision + 1 : null;
    return `{"events":${page.text},"nextRevision":${next}}`;
  }

  @Get('events')
  @Header('content-type', JSON_TYPE)
  async ofAll(@Query(parameters(allQuery)) { after, limit: wanted, category, type }: z.infer<typeof allQuery>): Promise<string> {
    const most = this.most(wanted);
    const filter = { ...(category === undefined ? {} : { categories: category }), ...(type === undefined ? {} : { types: type }) };
    // Read first: what is appended meanwhile lies behind it and is not passed over.
    const head = await this.store.head();
    const page = await readEventPage(
      this.store.readAll({ from: after + 1, limit: most + 1, filter }),
      most,
      this.parts.config.maxEventPageBytes,
    );
    const last = page.last?.position ?? after;
    return `{"events":${page.text},"nextAfter":${page.more ? last : Math.max(last, head)}}`;
  }

  private most(wanted: number): number {
    return Math.min(wanted, this.parts.config.maxEventsPerPage);
  }

  private async exists(stream: string): Promise<boolean> {
    for await (const _ of this.store.readStream(stream, { limit: 1 })) return true;
    return false;
  }
}
