import { readFileSync } from 'node:fs';
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { defaultResource, detectResources, resourceAttributesEnvDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { BatchSpanProcessor, TracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace';
import { within } from '../../lifecycle/phases.js';
import type { Tracing, TracingOptions } from '../tracing.js';
import { tracesUrl, type TracingConfig } from '../tracing.config.js';
import { noticed } from './noticed-exporter.js';
import { otelTracer } from './otel-tracer.js';
import { ratioSampler } from './sampling.js';
import { traceIds } from './trace-ids.js';

const MAX_BATCH = 512;
const EXPORT_LIMIT_MS = 10_000;
const SCOPE = 'tutti';
/** All packages have one version. */
const PACKAGE_FILE = new URL('../../../package.json', import.meta.url);

/**
 * OpenTelemetry's SDK with a queue that drops what it has no room for, sent by OTLP. It is the process's own provider as well: spans that an agent's libraries make join
 * in, below those of the task that they are made for.
 */
export async function startOpenTelemetry(options: TracingOptions): Promise<Tracing> {
  const { config, runtime, logger } = options;
  const { version } = JSON.parse(readFileSync(PACKAGE_FILE, 'utf8')) as { readonly version: string };
  const url = tracesUrl(config.endpoint);
  const exporter = noticed(await exporterTo(url, config), url, logger);
  const processor = new BatchSpanProcessor({
    exporter,
    maxQueueSize: config.maxQueue,
    maxExportBatchSize: Math.min(MAX_BATCH, config.maxQueue),
    scheduledDelayMillis: config.delayMs,
    exportTimeoutMillis: EXPORT_LIMIT_MS,
  });
  const provider = new TracerProvider({
    resource: resourceOf(options, version),
    sampler: ratioSampler(config.ratio),
    idGenerator: traceIds(runtime.random),
    spanProcessors: [processor],
  });
  const contexts = new AsyncLocalStorageContextManager().enable();
  register(provider, contexts);
  let closing: Promise<void> | null = null;
  const end = async (): Promise<void> => {
    try {
      await within(runtime, config.flushLimitMs, 'sending the last spans', () => provider.shutdown());
    } catch (error) {
      logger.debug('the last spans were not sent', { url, err: error });
    }
  };
  logger.info('traces are sent', { url, ratio: config.ratio });
  return { tracer: otelTracer(provider.getTracer(SCOPE, version), contexts), close: () => (closing ??= end()) };
}

async function exporterTo(url: string, { headers, protocol }: TracingConfig): Promise<SpanExporter> {
  const settings = { url, headers, timeoutMillis: EXPORT_LIMIT_MS };
  const { OTLPTraceExporter } =
    protocol === 'http/json'
      ? await import('@opentelemetry/exporter-trace-otlp-http')
      : await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter(settings);
}

function resourceOf({ config, service, pid, runtime }: TracingOptions, version: string) {
  const own = resourceFromAttributes({
    'service.name': config.serviceName === '' ? `tutti-${service}` : config.serviceName,
    'service.namespace': 'tutti',
    'service.version': version,
    'service.instance.id': runtime.ids.next(),
    'process.pid': pid,
  });
  // What OTEL_RESOURCE_ATTRIBUTES says counts more; a name of the service was asked for by its own setting.
  return defaultResource()
    .merge(own)
    .merge(detectResources({ detectors: [resourceAttributesEnvDetector] }));
}

/** Refused by OpenTelemetry, without harm, where the process has a provider already. */
function register(provider: TracerProvider, contexts: AsyncLocalStorageContextManager): void {
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(contexts);
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
}
