import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Query, Res } from '@nestjs/common';
import { ServiceHealth, type ServiceInstance, type ServiceRegistryService } from '@tutti/contracts';
import { SERVICE_REGISTRY } from '@tutti/service-kit';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Actor } from '../door/actor.js';
import { freeText, jsonBody, minPosition, nameText, paging, parameters } from '../door/request-parsing.js';
import { present, wireEnum } from '../wire/wire-enum.js';

const serviceHealth = wireEnum(ServiceHealth, 'SERVICE_HEALTH_');

const listQuery = z.strictObject({ service: nameText.or(z.literal('')).default(''), health: serviceHealth.query, ...paging, minPosition });

const addresses = z.array(freeText(1_000)).max(100).default([]);
const metadata = z.record(nameText, freeText(1_000)).default({});
const registerBody = z.strictObject({
  id: nameText,
  service: nameText,
  version: nameText,
  addresses,
  metadata,
  /** The range is the registry's to judge. */
  leaseMs: z.int().min(0).max(4_294_967_295),
});
const renewBody = z.strictObject({ healthy: z.boolean().default(true) });
const updateBody = z.strictObject({ addresses, metadata });
const instancePath = z.strictObject({ id: nameText });

type InstancePath = z.infer<typeof instancePath>;

@Controller('v1/services')
export class ServicesController {
  constructor(@Inject(SERVICE_REGISTRY) private readonly registry: ServiceRegistryService) {}

  @Get()
  async list(@Query(parameters(listQuery)) query: z.infer<typeof listQuery>) {
    const { instances, nextPageToken } = await this.registry.listServices({ ...query, metadata: {} });
    return { instances: instances.map(instanceToWire), nextPageToken };
  }

  @Post()
  async register(
    @Body(jsonBody(registerBody)) body: z.infer<typeof registerBody>,
    @Actor() actor: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { instance, position } = await this.registry.registerService({ ...body, actor });
    reply.code(201);
    return { instance: instanceToWire(present(instance, 'instance')), position };
  }

  @Post(':id/renew')
  @HttpCode(200)
  async renew(@Param(parameters(instancePath)) path: InstancePath, @Body(jsonBody(renewBody)) body: z.infer<typeof renewBody>) {
    const { leaseUntil } = await this.registry.renewService({ ...path, ...body });
    return { leaseUntil };
  }

  @Put(':id')
  async update(
    @Param(parameters(instancePath)) path: InstancePath,
    @Body(jsonBody(updateBody)) body: z.infer<typeof updateBody>,
    @Actor() actor: string,
  ) {
    const { instance, position } = await this.registry.updateService({ ...path, ...body, actor });
    return { instance: instanceToWire(present(instance, 'instance')), position };
  }

  @Delete(':id')
  async deregister(@Param(parameters(instancePath)) path: InstancePath, @Actor() actor: string) {
    const { position } = await this.registry.deregisterService({ ...path, actor });
    return { position };
  }
}

function instanceToWire(instance: ServiceInstance) {
  return { ...instance, health: serviceHealth.word(instance.health) };
}
