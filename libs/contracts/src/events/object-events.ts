import { z } from 'zod';
import { defineEvent, type EventOf } from './event-catalog.js';
import { storedValue } from './shared-schemas.js';

/** On `object-{type}-{id}`: the newest event holds the whole state. */
export const objectEvents = {
  ObjectStateSaved: defineEvent('ObjectStateSaved', 1, z.object({ state: storedValue })),
} as const;

export type ObjectEvent = EventOf<typeof objectEvents>;
