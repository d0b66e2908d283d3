import { Module, type DynamicModule } from '@nestjs/common';
import { provideGlobally, type ProcessParts } from '@tutti/service-process';
import type { CoordinatorConfig } from '../coordinator.config.js';
import { CoordinatorModule } from '../coordinator.module.js';
import type { Environment } from '../notifications/create-channels.js';

/** A coordinator whose ports are those of the shared data folder. */
@Module({})
export class CoordinatorProcessModule {
  static register({ provided }: ProcessParts, config: CoordinatorConfig, environment: Environment): DynamicModule {
    return { module: CoordinatorProcessModule, imports: [provideGlobally(provided), CoordinatorModule.register(config, environment)] };
  }
}
