export { createManualRuntime, type ManualRuntime } from './manual-runtime.js';
export { seededRandom } from './seeded-random.js';
