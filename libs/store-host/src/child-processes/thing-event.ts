import type { NewEvent, Runtime } from '@tutti/kernel';

const METADATA = { correlationId: 'c', causationId: null, traceparent: null, actor: 'demo', tenant: 'default', subject: null, keyId: null };

export function thingEvent(runtime: Runtime): NewEvent {
  return { id: runtime.ids.next(), type: 'ThingHappened', schemaVersion: 1, data: { some: 'thing' }, metadata: METADATA };
}
