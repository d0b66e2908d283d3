export { recordTracing, type RecordedSpan, type RecordedTracing } from './recorded-tracing.js';
