import { describe, expect, it } from '@jest/globals';
import { createUuidV7Source } from './uuid-v7.js';

const START_MS = Date.UTC(2026, 0, 1);
const zeros = (bytes: Uint8Array) => bytes.fill(0);
const ones = (bytes: Uint8Array) => bytes.fill(0xff);

function source(fill = ones) {
  const clock = { nowMs: START_MS, now: () => clock.nowMs };
  return { clock, ids: createUuidV7Source(clock, fill) };
}

const timeOf = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
const ascending = (ids: readonly string[]): boolean => ids.every((id, index) => index === 0 || (ids[index - 1] ?? '') < id);

describe('createUuidV7Source', () => {
  it.each([
    ['zeros', zeros],
    ['ones', ones],
  ])('sets version 7 and the RFC variant over random bytes that are all %s', (_, fill) => {
    const { ids } = source(fill);
    expect(ids.next()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('carries the time in its first 48 bits, the count in the next 12 and randomness in the last 62', () => {
    expect(source(zeros).ids.next()).toBe('019b76da-a800-7000-8000-000000000000');
    expect(source(ones).ids.next()).toBe('019b76da-a800-7000-bfff-ffffffffffff');
  });

  it('pads the time of an early clock', () => {
    const ids = createUuidV7Source({ now: () => 1 }, zeros);
    expect(ids.next()).toBe('00000000-0001-7000-8000-000000000000');
  });

  it('counts up while the clock stands', () => {
    const { ids } = source();
    expect([ids.next(), ids.next(), ids.next()].map((id) => id.slice(14, 18))).toEqual(['7000', '7001', '7002']);
  });

  it('starts the count again in a new millisecond', () => {
    const { clock, ids } = source();
    ids.next();
    ids.next();
    clock.nowMs += 1;
    expect(ids.next().slice(14, 18)).toBe('7000');
  });

  it('stays in order while the clock steps back, and follows it again once it has caught up', () => {
    const { clock, ids } = source();
    const given = [ids.next()];
    clock.nowMs = START_MS - 60_000;
    given.push(ids.next(), ids.next());
    expect(given.map(timeOf)).toEqual([START_MS, START_MS, START_MS]);
    clock.nowMs = START_MS + 1;
    given.push(ids.next());
    expect(timeOf(given[3] ?? '')).toBe(START_MS + 1);
    expect(ascending(given)).toBe(true);
  });

  it('borrows from the next millisecond when the count of one runs out, and stays in order', () => {
    const { clock, ids } = source();
    const given = Array.from({ length: 4096 }, () => ids.next());
    expect(timeOf(given.at(-1) ?? '')).toBe(START_MS);
    expect(given.at(-1)?.slice(14, 18)).toBe('7fff');
    given.push(ids.next());
    expect(timeOf(given.at(-1) ?? '')).toBe(START_MS + 1);
    expect(given.at(-1)?.slice(14, 18)).toBe('7000');
    clock.nowMs = START_MS + 1;
    given.push(ids.next());
    expect(ascending(given)).toBe(true);
    expect(new Set(given).size).toBe(given.length);
  });
});
