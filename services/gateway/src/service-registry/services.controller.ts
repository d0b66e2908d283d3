import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ServiceHealth, type ServiceInstance, type ServiceRegistryService } from '@tutti/contracts';
import { SERVICE_REGISTRY } from '@tutti/service-kit';
import { z } from 'zod';
import { minPosition, nameText, paging, parameters } from '../door/request-parsing.js';
import { wireEnum } from '../wire/wire-enum.js';

const serviceHealth = wireEnum(ServiceHealth, 'SERVICE_HEALTH_');

const listQuery = z.strictObject({ service: nameText.or(z.literal('')).default(''), health: serviceHealth.query, ...paging, minPosition });

@Controller('v1/services')
export class ServicesController {
  constructor(@Inject(SERVICE_REGISTRY) private readonly registry: ServiceRegistryService) {}

  @Get()
  async list(@Query(parameters(listQuery)) query: z.infer<typeof listQuery>) {
    const { instances, nextPageToken } = await this.registry.listServices({ ...query, metadata: {} });
    return { instances: instances.map(instanceToWire), nextPageToken };
  }
}

function instanceToWire(instance: ServiceInstance) {
  return { ...instance, health: serviceHealth.word(instance.health) };
}
