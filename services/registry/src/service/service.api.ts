import { Inject, Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import {
  ServiceHealth,
  type DeregisterServiceRequest,
  type DeregisterServiceResponse,
  type ListServicesRequest,
  type ListServicesResponse,
  type RegisterServiceRequest,
  type RegisterServiceResponse,
  type RenewServiceRequest,
  type RenewServiceResponse,
  type ServiceInstance,
  type ServiceRegistryService,
  type UpdateServiceRequest,
  type UpdateServiceResponse,
} from '@tutti/contracts';
import { isoTime } from '@tutti/kernel';
import { parseRequest } from '@tutti/service-kit';
import { z } from 'zod';
import { actor, paging } from '../request/request-fields.js';
import { DeregisterServiceCommand, RegisterServiceCommand, RenewServiceCommand, UpdateServiceCommand } from './service.commands.js';
import { GetServiceQuery, ListServicesQuery, type Health, type InstanceView } from './service.queries.js';

const id = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:-]{0,199}$/,
    'expected 1 to 200 letters, digits, dots, colons, hyphens or underscores, like "coordinator-1"',
  );
const service = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected lower-case words with hyphens, like "agent-workers"')
  .max(100);
const metadata = z.record(z.string().max(200), z.string().max(2_000));
const surface = { addresses: z.array(z.url().max(2_000)).max(20), metadata };

const registerRequest = z.object({
  id,
  service,
  version: z.string().min(1).max(100),
  ...surface,
  leaseMs: z.int().min(1_000).max(600_000),
  actor,
});
const renewRequest = z.object({ id, healthy: z.boolean() });
const updateRequest = z.object({ id, ...surface, actor });
const deregisterRequest = z.object({ id, actor });
const listRequest = z.object({ service: z.union([z.literal(''), service]), health: z.enum(ServiceHealth), metadata, ...paging });

const HEALTH: Readonly<Record<Health, ServiceHealth>> = {
  healthy: ServiceHealth.SERVICE_HEALTH_HEALTHY,
  unhealthy: ServiceHealth.SERVICE_HEALTH_UNHEALTHY,
  expired: ServiceHealth.SERVICE_HEALTH_EXPIRED,
};

/** The registry's edge for services: checks what comes in, translates to commands and queries, and their answers to messages. */
@Injectable()
export class ServiceApi implements ServiceRegistryService {
  constructor(
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(QueryBus) private readonly queries: QueryBus,
  ) {}

  async registerService(request: RegisterServiceRequest): Promise<RegisterServiceResponse> {
    const { actor: by, ...instance } = parseRequest(registerRequest, request, 'register service');
    const { position } = await this.commands.execute(new RegisterServiceCommand(instance, by));
    return { instance: await this.read(instance.id, position), position };
  }

  async renewService(request: RenewServiceRequest): Promise<RenewServiceResponse> {
    const renewal = parseRequest(renewRequest, request, 'renew service');
    const { untilMs } = await this.commands.execute(new RenewServiceCommand(renewal.id, renewal.healthy));
    return { leaseUntil: isoTime(untilMs) };
  }

  async updateService(request: UpdateServiceRequest): Promise<UpdateServiceResponse> {
    const { id: instance, actor: by, ...changes } = parseRequest(updateRequest, request, 'update service');
    const { position } = await this.commands.execute(new UpdateServiceCommand(instance, changes, by));
    return { instance: await this.read(instance, position), position };
  }

  async deregisterService(request: DeregisterServiceRequest): Promise<DeregisterServiceResponse> {
    const { id: instance, actor: by } = parseRequest(deregisterRequest, request, 'deregister service');
    const { position } = await this.commands.execute(new DeregisterServiceCommand(instance, by));
    return { position };
  }

  async listServices(request: ListServicesRequest): Promise<ListServicesResponse> {
    const { pageSize, pageToken, minPosition, health, ...rest } = parseRequest(listRequest, request, 'list services');
    const criteria = { ...rest, health: (Object.keys(HEALTH) as Health[]).find((known) => HEALTH[known] === health) ?? null };
    const page = await this.queries.execute(new ListServicesQuery(criteria, { pageSize, pageToken }, minPosition || null));
    return { instances: page.instances.map(toMessage), nextPageToken: page.nextPageToken };
  }

  private async read(instance: string, position: number): Promise<ServiceInstance> {
    return toMessage(await this.queries.execute(new GetServiceQuery(instance, position)));
  }
}

function toMessage({ document, health, lease }: InstanceView): ServiceInstance {
  const { id: instance, service: of, version, addresses, metadata: entries, registeredAt } = document;
  const leaseUntil = lease === null ? {} : { leaseUntil: isoTime(lease.untilMs) };
  return { id: instance, service: of, version, addresses, metadata: { ...entries }, health: HEALTH[health], registeredAt, ...leaseUntil };
}
