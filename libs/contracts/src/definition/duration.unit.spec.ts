import { describe, expect, it } from '@jest/globals';
import { parseDuration } from './duration.js';

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['0s', 0],
    ['1.5s', 1_500],
    ['30s', 30_000],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['0.125d', 10_800_000],
    ['30d', 2_592_000_000],
    ['1.001s', 1_001],
    ['0.6ms', 1],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    '',
    '5',
    's',
    '-1s',
    '+1s',
    '1 s',
    ' 1s',
    '1s ',
    '1s\n',
    '1S',
    '1w',
    '1m30s',
    '.5s',
    '1.s',
    '1.0001s',
    '1e3s',
    '٣s',
    '1000000000s',
  ])('refuses %p', (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  it.each(['999999999.999ms', '999999999.999s', '999999999.999m', '9999999.999h', '99999.999d'])(
    'gives whole milliseconds that still lead to a date with a four-digit year for %s, the longest of its unit',
    (text) => {
      const ms = parseDuration(text);
      expect(Number.isSafeInteger(ms)).toBe(true);
      expect(new Date(Date.UTC(2026, 0, 1) + (ms ?? NaN)).toISOString()).toMatch(/^\d{4}-/);
    },
  );

  it.each(['10000000h', '100000d', '999999999d'])('refuses %s, whose deadline would be no date', (text) => {
    expect(parseDuration(text)).toBeNull();
  });
});
