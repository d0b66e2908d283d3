import { Controller, Inject } from '@nestjs/common';
import { ServiceHealth, type ServiceInstance, type ServiceRegistryService } from '@tutti/contracts';
import { deregisterService, listServices, registerService, renewService, updateService, type RouteInput } from '@tutti/rest-contract';
import { SERVICE_REGISTRY } from '@tutti/service-kit';
import { Actor } from '../door/actor.js';
import { Input, Route } from '../rest/route.decorator.js';
import { present, wireEnum } from '../wire/wire-enum.js';

const serviceHealth = wireEnum(ServiceHealth, 'SERVICE_HEALTH_');

@Controller()
export class ServicesController {
  constructor(@Inject(SERVICE_REGISTRY) private readonly registry: ServiceRegistryService) {}

  @Route(listServices)
  async list(@Input(listServices) { query }: RouteInput<typeof listServices>) {
    const health = serviceHealth.value(query.health);
    const { instances, nextPageToken } = await this.registry.listServices({ ...query, health, metadata: {} });
    return { instances: instances.map(instanceToWire), nextPageToken };
  }

  @Route(registerService)
  async register(@Input(registerService) { body }: RouteInput<typeof registerService>, @Actor() actor: string) {
    const { instance, position } = await this.registry.registerService({ ...body, actor });
    return { instance: instanceToWire(present(instance, 'instance')), position };
  }

  @Route(renewService)
  async renew(@Input(renewService) { params, body }: RouteInput<typeof renewService>) {
    const { leaseUntil } = await this.registry.renewService({ ...params, ...body });
    return { leaseUntil };
  }

  @Route(updateService)
  async update(@Input(updateService) { params, body }: RouteInput<typeof updateService>, @Actor() actor: string) {
    const { instance, position } = await this.registry.updateService({ ...params, ...body, actor });
    return { instance: instanceToWire(present(instance, 'instance')), position };
  }

  @Route(deregisterService)
  async deregister(@Input(deregisterService) { params }: RouteInput<typeof deregisterService>, @Actor() actor: string) {
    const { position } = await this.registry.deregisterService({ ...params, actor });
    return { position };
  }
}

function instanceToWire(instance: ServiceInstance) {
  return { ...instance, health: serviceHealth.word(instance.health) };
}
