import type { MemoryEventBus } from '../in-memory/in-memory-event-bus.js';

/** A bus that breaks one guarantee, and the contract case that must notice. */
export interface FaultyEventBus {
  readonly fault: string;
  readonly rejectedBy: string;
  readonly Bus: typeof MemoryEventBus;
}
