import { Controller, Header, Inject } from '@nestjs/common';
import type { EventStore } from '@tutti/event-store';
import { TuttiError } from '@tutti/kernel';
import { listEvents, listRunEvents, type RouteInput } from '@tutti/rest-contract';
import { EVENT_STORE } from '@tutti/service-kit';
import { CallerPrincipal } from '../access/caller.decorator.js';
import type { Principal } from '../access/principal.js';
import { readableCategories } from '../access/readable-events.js';
import { GATEWAY_PARTS, type GatewayParts } from '../gateway-parts.js';
import { Input, Route } from '../rest/route.decorator.js';
import { readEventPage } from './event-page.js';

const JSON_TYPE = 'application/json; charset=utf-8';

/** Recorded events, straight from the store. The lists are JSON texts already: large pages are written once. */
@Controller()
export class EventsController {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(GATEWAY_PARTS) private readonly parts: GatewayParts,
  ) {}

  @Route(listRunEvents)
  @Header('content-type', JSON_TYPE)
  async ofRun(@Input(listRunEvents) { params: { id }, query }: RouteInput<typeof listRunEvents>): Promise<string> {
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

  @Route(listEvents)
  @Header('content-type', JSON_TYPE)
  async ofAll(@Input(listEvents) { query }: RouteInput<typeof listEvents>, @CallerPrincipal() principal: Principal): Promise<string> {
    const { after, limit: wanted, type } = query;
    const category = readableCategories(principal, query.category);
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
