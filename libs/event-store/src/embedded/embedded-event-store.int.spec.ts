import { describeEventStoreContract } from '../testing/event-store-contract.js';
import { embeddedHarness } from './embedded-harness.js';

describeEventStoreContract('embedded', embeddedHarness);
