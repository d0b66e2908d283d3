import 'reflect-metadata';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { REGISTRY_CONTRACTS, type Phase } from '@tutti/service-kit';
import {
  diagnosticsOf,
  InternalServices,
  openProcessParts,
  provideGlobally,
  ServiceLife,
  untilConnected,
  type ProcessParts,
  type ProcessPlace,
  type ServedProcess,
} from '@tutti/service-process';
import { RegistryLifecycle } from '../registry.lifecycle.js';
import { RegistryModule } from '../registry.module.js';
import type { RegistryProcessConfig } from './registry-process.config.js';

const CATCH_UP_LIMIT_MS = 600_000;

/** The registry in a process of its own. A data folder has one at a time; others stand by. */
export async function createRegistryProcess(config: RegistryProcessConfig, { cwd, pid, print }: ProcessPlace): Promise<ServedProcess> {
  const parts = await openProcessParts({ name: 'registry', config, cwd, pid, mayHost: true });
  const { runtime, logger } = parts;
  const seat = parts.directory.seat('registry');
  const services = new InternalServices({ parts });
  const life = new ServiceLife({
    ...{ runtime, logger },
    wait: async () => {
      await untilConnected(parts);
      await seat.take((holder) => print(`standby behind ${holder ?? 'another process'}`));
    },
    phases: async (): Promise<readonly Phase[]> => {
      const root = RegistryProcessModule.register(parts, config);
      const app = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
      const registry = app.get(RegistryLifecycle, { strict: false });
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
    },
    close: () => seat.leaveAfter(() => parts.close()),
  });
  return {
    start: async () => {
      await life.start();
      return [`ready ${services.listensAt}`];
    },
    stop: () => life.stop(),
  };
}

@Module({})
class RegistryProcessModule {
  static register({ provided }: ProcessParts, { registry }: RegistryProcessConfig): DynamicModule {
    return { module: RegistryProcessModule, imports: [provideGlobally(provided), RegistryModule.register(registry)] };
  }
}
