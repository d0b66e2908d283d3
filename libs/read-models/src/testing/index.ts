export type { ReadModelsCase, ReadModelsHarness } from './contract/contract-case.js';
export { describeReadModelsContract, readModelsContract } from './contract/read-models-contract.js';
export { createInMemoryReadModels } from '../in-memory/in-memory-read-models.js';
export { startMongoProxy, testMongoUrl, type MongoProxy } from './mongo-proxy.js';
