import { Global, Module, type DynamicModule } from '@nestjs/common';

@Global()
@Module({})
class ProvidedModule {}

/** What every module of a process may ask for, by injection token. */
export function provideGlobally(provided: readonly (readonly [symbol, unknown])[]): DynamicModule {
  return {
    module: ProvidedModule,
    global: true,
    providers: provided.map(([provide, useValue]) => ({ provide, useValue })),
    exports: provided.map(([token]) => token),
  };
}
