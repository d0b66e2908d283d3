import { describe, expect, it } from '@jest/globals';
import { categoryOfEventType } from './event-categories.js';
import { EVENT_CATALOG } from './upcasting.js';

describe('the category of an event’s type', () => {
  it('is known for every type in the catalog', () => {
    expect(Object.keys(EVENT_CATALOG).filter((type) => categoryOfEventType(type) === null)).toEqual([]);
  });

  it('is that of the streams it stands in, and none for a type that Tutti does not record', () => {
    expect([categoryOfEventType('RunStarted'), categoryOfEventType('MessageSent'), categoryOfEventType('order.paid')]).toEqual([
      'run',
      'conversation',
      null,
    ]);
  });
});
