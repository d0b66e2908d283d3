export { LosingProducer, ReorderingProducer } from './faulty-producers.js';
export { MemoryBroker, MemoryProducer } from './memory-broker.js';
export { MemorySeats } from './memory-seats.js';
export { SeenRevisions, type SeenEvent } from './seen-revisions.js';
