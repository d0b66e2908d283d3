import { describe, expect, it } from '@jest/globals';
import { byteText, counted, durationText, exactTime, relativeTime, shortId, words } from './format.js';

const NOW = Date.parse('2026-03-01T12:00:00.000Z');

describe('how the page writes times', () => {
  it.each([
    [NOW - 2_000, 'just now'],
    [NOW - 30_000, '30 seconds ago'],
    [NOW - 61_000, '1 minute ago'],
    [NOW - 7_300_000, '2 hours ago'],
    [NOW - 90_000_000, 'yesterday'],
    [NOW + 3_600_000, 'in 1 hour'],
  ])('says of %d: %s', (at, text) => expect(relativeTime(at, NOW)).toBe(text));

  it.each([
    [0.4, '0 ms'],
    [840, '840 ms'],
    [3_210, '3.2 s'],
    [59_940, '59.9 s'],
    [59_960, '1 min'],
    [250_000, '4 min 10 s'],
    [7_500_000, '2 h 5 min'],
    [273_600_000, '3 d 4 h'],
  ])('says of a duration of %d ms: %s', (ms, text) => expect(durationText(ms)).toBe(text));

  it('says exact times to the millisecond, and gives back what is no time', () => {
    expect(exactTime('2026-03-01T12:00:00.123Z')).toMatch(/01 Mar 2026.*00\.123/);
    expect(exactTime('soon')).toBe('soon');
  });
});

describe('how the page writes ids, sizes and words', () => {
  it('keeps the end of a long id', () => expect(shortId('0192a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b')).toBe('…2e3f4a5b'));
  it('keeps a short id', () => expect(shortId('run-1')).toBe('run-1'));
  it.each([
    [900, '900 B'],
    [2_048, '2.0 KiB'],
    [3_145_728, '3.0 MiB'],
  ])('says %d bytes as %s', (bytes, text) => expect(byteText(bytes)).toBe(text));
  it('makes words of a status', () => expect(words('awaiting-approval')).toBe('Awaiting approval'));
  it.each([
    [1, '1 step'],
    [2, '2 steps'],
  ])('counts %d', (count, text) => expect(counted(count, 'step')).toBe(text));
});
