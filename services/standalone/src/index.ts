export { readConfig, standaloneConfig, type StandaloneConfig } from './standalone.config.js';
export { startStandalone, type Standalone, type StandaloneOptions } from './standalone.js';
