import type { RecordedEvent } from '@tutti/kernel';
import { describe, expect, it } from '@jest/globals';
import { someEvent } from '../testing/contract/contract-events.js';
import { HeldEvents } from './held-events.js';

describe('what a subscription was sent and has not handed over', () => {
  const at = (position: number, text = ''): RecordedEvent => ({
    ...someEvent('A', { text }),
    ...{ contentType: 'application/json', stream: 'thing-1', revision: position, position, time: '', previousHash: null },
  });

  it('is given in batches, with the position up to which that is all', () => {
    const held = new HeldEvents();
    for (const position of [1, 2, 3, 4]) held.push({ position, event: at(position) });
    held.push({ position: 9, event: null });
    expect(held.take(1, 2, () => true)).toMatchObject({ events: [{ position: 2 }, { position: 3 }], head: 3 });
    expect(held.take(3, 2, () => false)).toEqual({ events: [], head: 9 });
    expect(held.isEmpty).toBe(true);
  });

  it('keeps of several positions without an event the last', () => {
    const held = new HeldEvents();
    for (const position of [1, 2, 3]) held.push({ position, event: null });
    expect(held.onlyMovesHead).toBe(true);
    expect(held.take(0, 1, () => true)).toEqual({ events: [], head: 3 });
  });

  it('is full by number and by size, and has room again when half is gone', () => {
    const byNumber = new HeldEvents();
    for (let position = 1; !byNumber.isFull; position++) byNumber.push({ position, event: at(position) });
    expect(byNumber.take(0, 500, () => true).events).toHaveLength(500);
    expect([byNumber.isFull, byNumber.hasRoom]).toEqual([false, false]);
    byNumber.take(500, 1_000, () => true);
    expect(byNumber.hasRoom).toBe(true);
    const bySize = new HeldEvents();
    for (let position = 1; position <= 9; position++) bySize.push({ position, event: at(position, 'x'.repeat(512 * 1024)) });
    expect(bySize.isFull).toBe(true);
    bySize.clear();
    expect([bySize.isFull, bySize.hasRoom]).toEqual([false, true]);
  });
});
