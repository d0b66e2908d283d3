import type { Runtime } from '@tutti/kernel';
import type { Logger } from '../logger.js';
import { NO_TRACER, type Tracer } from './tracer.js';
import type { TracingConfig } from './tracing.config.js';

export interface TracingOptions {
  readonly config: TracingConfig;
  /** Like `coordinator`. */
  readonly service: string;
  readonly pid: number;
  readonly runtime: Runtime;
  readonly logger: Logger;
}

export interface Tracing {
  readonly tracer: Tracer;
  /** Sends what waits, for as long as the configuration says, and ends. Never rejects; repeats answer the first call. */
  close(): Promise<void>;
}

export function isTraced({ endpoint }: Pick<TracingConfig, 'endpoint'>): boolean {
  return endpoint !== '';
}

/** Begins to trace where the configuration asks for it; elsewhere nothing of OpenTelemetry is loaded. */
export async function startTracing(options: TracingOptions): Promise<Tracing> {
  if (!isTraced(options.config)) return { tracer: NO_TRACER, close: () => Promise.resolve() };
  const { startOpenTelemetry } = await import('./otel/open-telemetry.js');
  return startOpenTelemetry(options);
}
