import type { ReadModels } from '../read-models.port.js';
import { createInMemoryStorage, SOUND_RULES } from './in-memory-storage.js';

/** Read models for unit tests: passes the contract, keeps nothing, scans everything. */
export function createInMemoryReadModels(): ReadModels {
  return createInMemoryStorage(SOUND_RULES).connect();
}
