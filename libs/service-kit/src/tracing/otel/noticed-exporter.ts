import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from '../../logger.js';

type ExportResult = Parameters<Parameters<SpanExporter['export']>[1]>[0];

/** Said by OpenTelemetry of an export that reached its receiver. */
const SUCCESS = 0;

/** Logs once that spans do not reach their receiver, and once that they do again; every failure would be a line in each some seconds. */
export function noticed(exporter: SpanExporter, url: string, logger: Logger): SpanExporter {
  let isFailing = false;
  let lost = 0;
  const heed = ({ code, error }: ExportResult, spans: number): void => {
    if ((code as number) === SUCCESS) {
      if (isFailing) logger.info('traces reach their receiver again', { url, lostSpans: lost });
      isFailing = false;
      lost = 0;
      return;
    }
    lost += spans;
    if (!isFailing) logger.warn('traces do not reach their receiver; their spans are dropped, nothing waits for it', { url, err: error });
    isFailing = true;
  };
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        heed(result, spans.length);
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    ...(exporter.forceFlush === undefined ? {} : { forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve() }),
  };
}
