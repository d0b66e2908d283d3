import type { JsonObject, Runtime } from '@tutti/kernel';
import {
  createLogger,
  createSystemRuntime,
  detachTimers,
  isTraced,
  NO_TRACER,
  startTracing,
  traceFields,
  type Logger,
  type LogLevel,
  type Tracer,
  type TracingConfig,
} from '@tutti/service-kit';

interface TelemetryOptions {
  /** Like `coordinator`. */
  readonly service: string;
  readonly pid: number;
  readonly config: { readonly logLevel: LogLevel; readonly logTo: 'file' | 'stderr'; readonly tracing: TracingConfig };
  /** Of a log that goes to a file. */
  readonly logFile: string;
  /** In every line of the log. */
  readonly logFields: JsonObject;
}

export interface Telemetry {
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly tracer: Tracer;
  /** Sends the last spans, within the limit of the configuration. Never rejects; repeats answer the first call. */
  close(): Promise<void>;
}

/** What a process of Tutti begins with: time, a log, and traces where they are asked for. Lines of the log that are written in a span name it. */
export async function openTelemetry({ service, pid, config, logFile, logFields }: TelemetryOptions): Promise<Telemetry> {
  const { logLevel: level, logTo, tracing: settings } = config;
  const runtime = createSystemRuntime();
  let tracer = NO_TRACER;
  const moment = isTraced(settings) ? { moment: () => traceFields(tracer) } : {};
  const logger = createLogger({ level, ...(logTo === 'file' ? { file: logFile } : {}), fields: logFields, ...moment });
  const tracing = await startTracing({ config: settings, service, pid, runtime, logger });
  tracer = tracing.tracer;
  return { runtime: detachTimers(runtime, tracer), logger, tracer, close: () => tracing.close() };
}
