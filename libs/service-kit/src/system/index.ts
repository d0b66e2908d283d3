export { createSystemRuntime } from './system-runtime.js';
