import { describeEventStoreContract } from '../testing/event-store-contract.js';
import { embeddedHarness, threadedHarness } from './embedded-harness.js';

describeEventStoreContract('embedded', embeddedHarness);
describeEventStoreContract('embedded with a writer thread', threadedHarness);
