import { describe, expect, it } from '@jest/globals';
import type { EventMetadata, RecordedEvent } from './event-envelope.js';
import { chainedRecord, chainHash, findBrokenLink } from './hash-chain.js';

const metadata: EventMetadata = {
  ...{ correlationId: 'run-1', causationId: null, traceparent: null, actor: 'user:ann' },
  ...{ tenant: 'default', subject: null, keyId: null },
};

function chainOf(length: number): RecordedEvent[] {
  const events: RecordedEvent[] = [];
  for (let revision = 0; revision < length; revision++) {
    const last = events.at(-1);
    events.push({
      ...{ id: `id-${revision}`, type: 'Counted', schemaVersion: 1, contentType: 'application/json', stream: 'count-1' },
      ...{ revision, position: revision + 1, time: '2026-01-01T00:00:00.000Z', data: { value: revision }, metadata },
      previousHash: last === undefined ? null : chainHash(chainedRecord(last)),
    });
  }
  return events;
}

describe('chainHash', () => {
  it('stays as it is: stores hold links made by it', () => {
    const record = {
      ...{ stream: 's-1', revision: 0, id: 'i', type: 'T', schemaVersion: 1, time: 't' },
      previousHash: null,
      data: '{}',
      metadata: '{}',
    };
    expect(chainHash(record)).toBe('fb59bce7c6e8784d2912baa7a1914140a01f4685c18d349a70e9a051da10d51b');
  });

  it.each(['stream', 'id', 'type', 'time', 'data', 'metadata', 'previousHash'] as const)('covers %s', (field) => {
    const [event] = chainOf(1) as [RecordedEvent];
    const record = chainedRecord(event);
    expect(chainHash({ ...record, [field]: `${record[field] ?? ''}x` })).not.toBe(chainHash(record));
  });

  it.each(['revision', 'schemaVersion'] as const)('covers %s', (field) => {
    const [event] = chainOf(1) as [RecordedEvent];
    const record = chainedRecord(event);
    expect(chainHash({ ...record, [field]: record[field] + 1 })).not.toBe(chainHash(record));
  });

  it('does not cover the position, which another store may give anew', () => {
    const [event] = chainOf(1) as [RecordedEvent];
    expect(chainHash(chainedRecord({ ...event, position: 99 }))).toBe(chainHash(chainedRecord(event)));
  });
});

describe('findBrokenLink', () => {
  it('finds nothing in a whole chain or an empty one', () => {
    expect(findBrokenLink(chainOf(5))).toBeNull();
    expect(findBrokenLink([])).toBeNull();
  });

  it('finds the link after an event that was changed', () => {
    const events = chainOf(5).map((event) => (event.revision === 2 ? { ...event, data: { value: 'forged' } } : event));
    expect(findBrokenLink(events)).toBe(3);
  });

  it('finds where an event was dropped', () => {
    expect(findBrokenLink(chainOf(5).filter((event) => event.revision !== 1))).toBe(1);
  });

  it('finds where two events changed places', () => {
    const [first, second, third] = chainOf(3) as [RecordedEvent, RecordedEvent, RecordedEvent];
    expect(findBrokenLink([first, third, second])).toBe(1);
  });

  it('finds a first event that claims one before it', () => {
    const [first] = chainOf(1) as [RecordedEvent];
    expect(findBrokenLink([{ ...first, previousHash: 'a'.repeat(64) }])).toBe(0);
  });
});
