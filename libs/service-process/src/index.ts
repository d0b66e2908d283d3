export { diagnosticsOf } from './diagnostics.js';
export type { Directory, PartitionTable, RunPartitions, Seat } from './directory/directory.port.js';
export { FolderSeat } from './embedded/folder-seat.js';
export { findingOf, findReadModels, findSpace, type Finding } from './findings.js';
export { InternalServices } from './internal-services.js';
export { processesConfig, sharedSettings } from './process-config.js';
export {
  openProcessParts,
  untilConnected,
  type Broker,
  type Connections,
  type ProcessOptions,
  type ProcessParts,
} from './process-parts.js';
export { provideGlobally } from './provide-globally.js';
export { runProcess, type ProcessPlace, type ServedProcess } from './run-process.js';
export { SeatedService } from './seated-service.js';
export { Tenure } from './tenure.js';
export { ServiceLife } from './service-life.js';
export { openTelemetry, type Telemetry } from './tracing/process-telemetry.js';
export { traceEventBus } from './tracing/traced-event-bus.js';
export { traceEventStore } from './tracing/traced-event-store.js';
export { tracePublish } from './tracing/traced-publish.js';
