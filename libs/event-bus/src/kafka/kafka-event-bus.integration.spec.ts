import { describeEventBusContract } from '../testing/event-bus-contract.js';
import { createKafkaHarness } from './kafka-harness.js';

describeEventBusContract('the bus on Kafka', createKafkaHarness);
