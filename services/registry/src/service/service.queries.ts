import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { TuttiError } from '@tutti/kernel';
import { SERVICE_LEASES, SERVICES_READ_SIDE } from '../registry.tokens.js';
import { filteredPage, type Page } from '../request/filtered-page.js';
import type { ReadSide } from '../request/read-side.js';
import type { Lease, Leases } from './leases.js';
import type { ServiceDocument } from './service.projection.js';

export type Health = 'healthy' | 'unhealthy' | 'expired';

export interface InstanceView {
  readonly document: ServiceDocument;
  readonly health: Health;
  /** Null when it has none, or none any more. */
  readonly lease: Lease | null;
}

export class GetServiceQuery extends Query<InstanceView> {
  constructor(
    readonly id: string,
    /** The answer holds at least this. */
    readonly minPosition: number,
  ) {
    super();
  }
}

interface ServiceCriteria {
  /** Empty for all. */
  readonly service: string;
  /** Null for all that are not expired. */
  readonly health: Health | null;
  readonly metadata: Readonly<Record<string, string>>;
}

interface InstancePage {
  readonly instances: readonly InstanceView[];
  readonly nextPageToken: string;
}

export class ListServicesQuery extends Query<InstancePage> {
  constructor(
    readonly criteria: ServiceCriteria,
    readonly page: { readonly pageSize: number; readonly pageToken: string },
    readonly minPosition: number | null,
  ) {
    super();
  }
}

@QueryHandler(GetServiceQuery)
export class GetServiceHandler implements IQueryHandler<GetServiceQuery> {
  constructor(
    @Inject(SERVICES_READ_SIDE) private readonly services: ReadSide<ServiceDocument>,
    @Inject(SERVICE_LEASES) private readonly leases: Leases,
  ) {}

  async execute({ id, minPosition }: GetServiceQuery): Promise<InstanceView> {
    await this.services.waitFor(minPosition);
    const found = await this.services.model.get(id);
    if (found === null) throw new TuttiError('SERVICE_NOT_FOUND', `service instance ${id} is not registered`);
    return view(found.document, this.leases);
  }
}

@QueryHandler(ListServicesQuery)
export class ListServicesHandler implements IQueryHandler<ListServicesQuery> {
  constructor(
    @Inject(SERVICES_READ_SIDE) private readonly services: ReadSide<ServiceDocument>,
    @Inject(SERVICE_LEASES) private readonly leases: Leases,
  ) {}

  async execute({ criteria, page, minPosition }: ListServicesQuery): Promise<InstancePage> {
    await (minPosition === null ? this.services.freshen() : this.services.waitFor(minPosition));
    const { service, health } = criteria;
    const filter = { status: health === 'expired' ? 'expired' : 'registered', ...(service === '' ? {} : { service }) };
    const matches = (document: ServiceDocument) => fits(document, view(document, this.leases), criteria);
    const found: Page<ServiceDocument> = await filteredPage(this.services.model, { ...page, filter, matches });
    return { instances: found.documents.map((document) => view(document, this.leases)), nextPageToken: found.nextPageToken };
  }
}

function view(document: ServiceDocument, leases: Leases): InstanceView {
  if (document.status !== 'registered') return { document, health: 'expired', lease: null };
  const lease = leases.get(document.id);
  // No lease: it has run out just now, and that is about to be recorded.
  return { document, health: lease === null ? 'expired' : lease.healthy ? 'healthy' : 'unhealthy', lease };
}

function fits(document: ServiceDocument, { health }: InstanceView, criteria: ServiceCriteria): boolean {
  const wanted = criteria.health === null ? health !== 'expired' : health === criteria.health;
  return wanted && Object.entries(criteria.metadata).every(([key, text]) => document.metadata[key] === text);
}
