// Says on standard output which packages of OpenTelemetry the program loads.
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('@opentelemetry/')) process.stdout.write(`loads ${specifier}\n`);
    return next(specifier, context);
  },
});
