export { createInMemoryReadModels } from './in-memory-read-models.js';
export { createInMemoryStorage, SOUND_RULES, type InMemoryStorage, type StorageRules } from './in-memory-storage.js';
