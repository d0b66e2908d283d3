import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { AgentWorkersModule } from '@tutti/agent-workers';
import { CoordinatorModule } from '@tutti/coordinator';
import { DOCTOR_CHECKS, type Gateway } from '@tutti/gateway';
import type { Runtime } from '@tutti/kernel';
import { RegistryModule } from '@tutti/registry';
import {
  BLOBS,
  EVENT_BUS,
  EVENT_STORE,
  LOGGER,
  PROJECTIONS,
  READ_MODELS,
  RUNTIME,
  TRACER,
  VALUE_STORE,
  type Logger,
  type ServiceTokens,
  type Tracer,
} from '@tutti/service-kit';
import { traceEventBus, traceEventStore } from '@tutti/service-process';
import type { DoctorChecksHolder } from './doctor-checks.js';
import type { Ports } from './embedded-ports.js';
import type { StandaloneConfig } from './standalone.config.js';

/** Packages of agents and workflows are looked for from here. */
export const PACKAGE_BASE = dirname(dirname(fileURLToPath(import.meta.url)));

export interface AppParts {
  readonly config: StandaloneConfig;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly ports: Ports;
  readonly gateway: Gateway;
  readonly tokens: ServiceTokens;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly tracer: Tracer;
  readonly doctor: DoctorChecksHolder;
}

/** All services in one process, on the embedded ports, joined by direct calls. */
@Module({})
export class AppModule {
  static register(parts: AppParts): DynamicModule {
    const { config, cwd, environment } = parts;
    const registry = RegistryModule.register(config.registry);
    const coordinator = CoordinatorModule.register(config.coordinator, environment);
    const workers = AgentWorkersModule.register({
      config: { ...config.workers, agentFolders: config.workers.agentFolders.map((folder) => resolve(cwd, folder)) },
      host: { base: PACKAGE_BASE, environment, embedded: true, tokens: parts.tokens },
      imports: [registry, coordinator],
    });
    const shared = SharedModule.register(parts, [registry, coordinator]);
    return { module: AppModule, imports: [shared, registry, coordinator, workers, parts.gateway.module] };
  }
}

/** The ports and the contracts' direct bindings, for every module. */
@Global()
@Module({})
class SharedModule {
  static register({ ports, runtime, logger, tracer, doctor }: AppParts, contracts: readonly DynamicModule[]): DynamicModule {
    const provided: readonly (readonly [symbol, unknown])[] = [
      [RUNTIME, runtime],
      [LOGGER, logger],
      [TRACER, tracer],
      [EVENT_STORE, traceEventStore(ports.store, tracer, 'tutti')],
      [EVENT_BUS, traceEventBus(ports.bus, { tracer, clock: runtime.clock, system: 'tutti' })],
      [READ_MODELS, ports.readModels],
      [PROJECTIONS, ports.projections],
      [BLOBS, ports.blobs],
      [VALUE_STORE, ports.values],
      [DOCTOR_CHECKS, () => doctor.run()],
    ];
    return {
      module: SharedModule,
      imports: [...contracts],
      providers: provided.map(([provide, useValue]) => ({ provide, useValue })),
      exports: [...provided.map(([token]) => token), ...contracts],
    };
  }
}
