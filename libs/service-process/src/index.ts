export { diagnosticsOf } from './diagnostics.js';
export { openProcessParts, untilConnected, type ProcessParts } from './embedded/process-parts.js';
export { Seat } from './embedded/seat.js';
export { findingOf, findReadModels, findSpace, type Finding } from './findings.js';
export { InternalServices } from './internal-services.js';
export { processesConfig, sharedSettings } from './process-config.js';
export { provideGlobally } from './provide-globally.js';
export { runProcess, type ProcessPlace, type ServedProcess } from './run-process.js';
export { ServiceLife } from './service-life.js';
