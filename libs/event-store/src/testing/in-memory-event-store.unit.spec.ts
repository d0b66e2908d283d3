import { describeEventStoreContract } from './event-store-contract.js';
import { inMemoryHarness } from './in-memory-harness.js';

describeEventStoreContract('in memory', inMemoryHarness());
