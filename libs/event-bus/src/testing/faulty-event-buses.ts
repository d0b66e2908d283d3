import { FAULTY_DELIVERY } from './faulty-delivery.js';
import { FAULTY_MEMBERS } from './faulty-member.js';
import { FAULTY_RESTARTS } from './faulty-restart.js';
import { FAULTY_RETRIES } from './faulty-retry.js';
import type { MemoryEventBus } from './in-memory-event-bus.js';

/** A bus that breaks one guarantee, and the contract case that must notice. */
export interface FaultyEventBus {
  readonly fault: string;
  readonly rejectedBy: string;
  readonly Bus: typeof MemoryEventBus;
}

export const FAULTY_EVENT_BUSES: readonly FaultyEventBus[] = [...FAULTY_DELIVERY, ...FAULTY_MEMBERS, ...FAULTY_RETRIES, ...FAULTY_RESTARTS];
