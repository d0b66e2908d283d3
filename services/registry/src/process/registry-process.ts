import 'reflect-metadata';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { REGISTRY_CONTRACTS, type Phase } from '@tutti/service-kit';
import {
  diagnosticsOf,
  InternalServices,
  openProcessParts,
  provideGlobally,
  SeatedService,
  type ProcessParts,
  type ProcessPlace,
  type ServedProcess,
} from '@tutti/service-process';
import { RegistryLifecycle } from '../registry.lifecycle.js';
import { RegistryModule } from '../registry.module.js';
import type { RegistryProcessConfig } from './registry-process.config.js';

const CATCH_UP_LIMIT_MS = 600_000;

/** The registry in a process of its own. There is one at a time; others stand by. */
export async function createRegistryProcess(config: RegistryProcessConfig, { cwd, pid, print }: ProcessPlace): Promise<ServedProcess> {
  const parts = await openProcessParts({ name: 'registry', config, cwd, pid, mayHost: true });
  let services: InternalServices | null = null;
  const phases = async (): Promise<readonly Phase[]> => {
    const app = await NestFactory.createApplicationContext(RegistryProcessModule.register(parts, config), {
      logger: false,
      abortOnError: false,
    });
    const registry = app.get(RegistryLifecycle, { strict: false });
    services = new InternalServices({ parts, config });
    services.add(
      REGISTRY_CONTRACTS,
      (token) => app.get(token, { strict: false }),
      diagnosticsOf(() => registry.projections()),
    );
    return [
      { name: 'registry', start: () => registry.start(), stop: () => registry.stop(), startLimitMs: CATCH_UP_LIMIT_MS },
      services.listen('endpoint', []),
      services.open('registry'),
    ];
  };
  const onStandby = (holder: string | null): void => print(`standby behind ${holder ?? 'another process'}`);
  const service = new SeatedService({ parts, role: 'registry', phases, onStandby });
  return {
    start: async () => {
      await service.start();
      return [`ready ${services?.listensAt ?? ''}`];
    },
    stop: () => service.stop(),
  };
}

@Module({})
class RegistryProcessModule {
  static register({ provided }: ProcessParts, { registry }: RegistryProcessConfig): DynamicModule {
    return { module: RegistryProcessModule, imports: [provideGlobally(provided), RegistryModule.register(registry)] };
  }
}
