export { createInMemoryReadModels } from './in-memory-read-models.js';
