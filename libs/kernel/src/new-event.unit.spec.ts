import { describe, expect, it } from '@jest/globals';
import { eventMetadata, newEvent } from './new-event.js';

describe('a new event', () => {
  it('has null where something does not apply, and the default tenant', () => {
    expect(eventMetadata({ correlationId: 'r1', actor: 'user:ann' })).toEqual({
      ...{ correlationId: 'r1', causationId: null, traceparent: null, actor: 'user:ann', tenant: 'default', subject: null, keyId: null },
    });
  });

  it('has the cause and the trace that its author names', () => {
    expect(eventMetadata({ correlationId: 'r1', actor: 'user:ann', causationId: 'c', traceparent: 't' })).toMatchObject({
      causationId: 'c',
      traceparent: 't',
    });
  });

  it('shares the metadata that it is given, and takes nothing of its definition but type and version', () => {
    const metadata = eventMetadata({ correlationId: 'r1', actor: 'user:ann' });
    const definition = { type: 'Done', schemaVersion: 2, schema: {} };
    const event = newEvent('e1', definition, { n: 1 }, metadata);
    expect(event).toEqual({ id: 'e1', type: 'Done', schemaVersion: 2, data: { n: 1 }, metadata });
    expect(event.metadata).toBe(metadata);
  });
});
