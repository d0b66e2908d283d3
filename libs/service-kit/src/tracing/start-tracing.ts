import { NO_TRACER } from './tracer.js';
import type { Tracing, TracingOptions } from './tracing.js';
import type { TracingConfig } from './tracing.config.js';

export function isTraced({ endpoint }: Pick<TracingConfig, 'endpoint'>): boolean {
  return endpoint !== '';
}

/** Begins to trace where the configuration asks for it; elsewhere nothing of OpenTelemetry is loaded. */
export async function startTracing(options: TracingOptions): Promise<Tracing> {
  if (!isTraced(options.config)) return { tracer: NO_TRACER, close: () => Promise.resolve() };
  const { startOpenTelemetry } = await import('./otel/open-telemetry.js');
  return startOpenTelemetry(options);
}
