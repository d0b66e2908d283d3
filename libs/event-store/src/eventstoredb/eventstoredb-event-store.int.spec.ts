import { describeEventStoreContract } from '../testing/event-store-contract.js';
import { eventStoreDbHarness } from './eventstoredb-harness.js';

describeEventStoreContract('EventStoreDB by its own client, on the listener', eventStoreDbHarness);
