export { openProcessParts, type ProcessParts } from './embedded/process-parts.js';
export { Seat } from './embedded/seat.js';
export { processesConfig, sharedSettings, type SharedConfig } from './process-config.js';
export { provideGlobally } from './provide-globally.js';
export { runProcess, type ProcessPlace, type ServedProcess } from './run-process.js';
export { ServiceLife } from './service-life.js';
