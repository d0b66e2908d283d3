import { Module, type DynamicModule } from '@nestjs/common';
import { COORDINATOR_CONTRACTS, REGISTRY_CONTRACTS, type RemoteProcess } from '@tutti/service-kit';
import { provideGlobally, type ProcessParts } from '@tutti/service-process';
import type { Gateway } from '../gateway.js';
import { DOCTOR_CHECKS, type DoctorChecks } from '../gateway-parts.js';

interface Connections {
  readonly parts: ProcessParts;
  /** The one there is, or all of them as if they were one. */
  readonly coordinator: Pick<RemoteProcess, 'service'>;
  readonly registry: RemoteProcess;
  readonly doctor: DoctorChecks;
}

/** A gateway whose services are other processes. */
@Module({})
export class GatewayProcessModule {
  static register(gateway: Gateway, { parts, coordinator, registry, doctor }: Connections): DynamicModule {
    const provided = provideGlobally([
      ...parts.provided,
      ...COORDINATOR_CONTRACTS.map(({ definition, token }) => [token, coordinator.service(definition)] as const),
      ...REGISTRY_CONTRACTS.map(({ definition, token }) => [token, registry.service(definition)] as const),
      [DOCTOR_CHECKS, doctor],
    ]);
    return { module: GatewayProcessModule, imports: [provided, gateway.module] };
  }
}
