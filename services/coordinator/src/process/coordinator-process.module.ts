import { Module, type DynamicModule } from '@nestjs/common';
import { provideGlobally, type ProcessParts } from '@tutti/service-process';
import type { CoordinatorConfig } from '../coordinator.config.js';
import { CoordinatorModule } from '../coordinator.module.js';
import type { Environment } from '../notifications/create-channels.js';
import type { AmongOthers } from './among-others.js';

/** A coordinator whose ports are those of its process. */
@Module({})
export class CoordinatorProcessModule {
  /** @param others null for the only coordinator that there is at a time */
  static register(
    { provided }: ProcessParts,
    config: CoordinatorConfig,
    environment: Environment,
    others: AmongOthers | null,
  ): DynamicModule {
    const coordinator =
      others === null ? CoordinatorModule.register(config, environment) : CoordinatorModule.register(config, environment, others);
    return { module: CoordinatorProcessModule, imports: [provideGlobally(provided), coordinator] };
  }
}
