import { describe, expect, it } from '@jest/globals';
import { isTuttiError, type JsonObject, type RecordedEvent } from '@tutti/kernel';
import { z } from 'zod';
import { defineEvent } from './event-catalog.js';
import { upcast, type UpcasterTable } from './upcasting.js';

const catalog = {
  OrderPlaced: defineEvent('OrderPlaced', 3, z.object({ customer: z.string(), lines: z.array(z.string()), currency: z.string() })),
};
const table: UpcasterTable = {
  OrderPlaced: {
    1: ({ item, ...rest }) => ({ ...rest, lines: item === undefined ? [] : [item] }),
    2: (data) => ({ ...data, currency: 'EUR' }),
  },
};

function recorded(type: string, schemaVersion: number, data: JsonObject): RecordedEvent {
  return {
    ...{ id: 'e-1', type, schemaVersion, data, contentType: 'application/json', stream: 'order-1', revision: 4, position: 9 },
    ...{ time: '2026-01-01T00:00:00.000Z', previousHash: null },
    metadata: {
      correlationId: 'c-1',
      causationId: null,
      traceparent: null,
      actor: 'user:ann',
      tenant: 'default',
      subject: null,
      keyId: null,
    },
  };
}

function refusal(attempt: () => unknown): { readonly code: string; readonly message: string } | null {
  try {
    attempt();
  } catch (error) {
    if (isTuttiError(error)) return { code: error.code, message: error.message };
    throw error;
  }
  return null;
}

describe('upcast', () => {
  it('hands back the event itself when it is at the newest version', () => {
    const event = recorded('OrderPlaced', 3, { customer: 'ann', lines: [], currency: 'CHF' });
    expect(upcast(event, catalog, table)).toBe(event);
  });

  it('lifts data over every version between, and leaves the rest of the event as it was recorded', () => {
    const event = recorded('OrderPlaced', 1, { customer: 'ann', item: 'book' });
    expect(upcast(event, catalog, table)).toEqual({
      ...event,
      schemaVersion: 3,
      data: { customer: 'ann', lines: ['book'], currency: 'EUR' },
    });
    expect(event.data).toEqual({ customer: 'ann', item: 'book' });
  });

  it('begins in the middle of the chain for an event from the middle', () => {
    const event = recorded('OrderPlaced', 2, { customer: 'ann', lines: ['pen'] });
    expect(upcast(event, catalog, table).data).toEqual({ customer: 'ann', lines: ['pen'], currency: 'EUR' });
  });

  it.each(['OrderLost', 'toString', '__proto__'])('refuses the type %s, which is not in the catalog', (type) => {
    expect(refusal(() => upcast(recorded(type, 1, {}), catalog, table))).toEqual({
      code: 'DATA_DAMAGED',
      message: `event e-1 in order-1 at revision 4 is ${type} version 1, expected a known type`,
    });
  });

  it('refuses a version from the future, and says that a newer Tutti wrote it', () => {
    expect(refusal(() => upcast(recorded('OrderPlaced', 4, {}), catalog, table))).toEqual({
      code: 'DATA_DAMAGED',
      message: 'event e-1 in order-1 at revision 4 is OrderPlaced version 4, expected version 3 or older; a newer Tutti wrote it',
    });
  });

  it.each<[string, UpcasterTable, number]>([
    ['the first link', { OrderPlaced: { 2: (data) => data } }, 1],
    ['a later link', { OrderPlaced: { 1: (data) => data } }, 2],
    ['the whole type', {}, 1],
  ])('refuses a table that lacks %s', (_, gapped, missing) => {
    expect(refusal(() => upcast(recorded('OrderPlaced', 1, {}), catalog, gapped))).toEqual({
      code: 'DATA_DAMAGED',
      message: `event e-1 in order-1 at revision 4 is OrderPlaced version 1, expected an upcaster from version ${missing}`,
    });
  });

  it('refuses version 0, which was never written', () => {
    expect(refusal(() => upcast(recorded('OrderPlaced', 0, {}), catalog, table))?.code).toBe('DATA_DAMAGED');
  });
});
