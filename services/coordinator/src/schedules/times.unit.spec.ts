import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cronProblem, nextTime, timesBetween } from './times.js';

const cron = (pattern: string, timezone = 'UTC') => ({ cron: pattern, everyMs: null, offsetMs: 0, timezone });
const every = (everyMs: number, offsetMs = 0) => ({ cron: null, everyMs, offsetMs, timezone: 'UTC' });
const after = (timing: Parameters<typeof nextTime>[0], from: string, count: number) =>
  timesBetween(timing, Date.parse(from), Infinity, count).map((time) => new Date(time).toISOString());

describe('the times of a schedule', () => {
  it('are those of its cron expression in its time zone', () => {
    expect(after(cron('0 9 * * 1-5', 'Europe/Berlin'), '2026-01-09T07:59:59Z', 3)).toEqual([
      '2026-01-09T08:00:00.000Z',
      '2026-01-12T08:00:00.000Z',
      '2026-01-13T08:00:00.000Z',
    ]);
  });

  it('are taken at the end of the gap when the clock goes forward over them', () => {
    expect(after(cron('30 2 * * *', 'Europe/Berlin'), '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-28T01:30:00.000Z',
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
  });

  it('come once when the clock goes back over them', () => {
    expect(after(cron('30 2 * * *', 'Europe/Berlin'), '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
  });

  it('go on through both hours when they name none', () => {
    expect(after(cron('*/30 * * * *', 'Europe/Berlin'), '2026-10-25T00:00:00Z', 4)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T01:30:00.000Z',
      '2026-10-25T02:00:00.000Z',
    ]);
  });

  it('are multiples of an interval, moved by its offset', () => {
    expect(after(every(900_000, 60_000), '2026-01-01T00:01:00Z', 2)).toEqual(['2026-01-01T00:16:00.000Z', '2026-01-01T00:31:00.000Z']);
  });

  it('end for an expression that never comes', () => {
    expect(nextTime(cron('0 0 31 2 *'), 0)).toBeNull();
  });

  const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia', 'America/Sao_Paulo', 'Asia/Kolkata', 'UTC'];
  const instants = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2035, 0, 1) });

  it('always lie after the time asked for, and none lies between, whatever the clocks do', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 0, max: 59 }),
        fc.integer({ min: 0, max: 23 }),
        instants,
        (zone, minute, hour, from) => {
          const timing = cron(`${minute} ${hour} * * *`, zone);
          const next = nextTime(timing, from);
          if (next === null) throw new Error('a daily time always comes');
          expect(next).toBeGreaterThan(from);
          // A day is 23 to 25 hours long; where a zone crossed the date line a whole day is missing.
          expect(next - from).toBeLessThanOrEqual(49 * 3_600_000);
          expect(nextTime(timing, next - 1)).toBe(next);
          expect(nextTime(timing, Math.floor((from + next) / 2))).toBe(next);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('are at the hour and minute named on every day that has them, once a day', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'),
        fc.integer({ min: 0, max: 23 }),
        instants,
        (zone, hour, from) => {
          const times = timesBetween(cron(`30 ${hour} * * *`, zone), from, Infinity, 40);
          const local = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
          const days = times.map((time) => local.format(time).split(' ')[0]);
          expect(new Set(days).size).toBe(times.length);
          const elsewhere = times.filter((time) => !local.format(time).endsWith(` ${String(hour).padStart(2, '0')}:30`));
          // Only a gap moves a time, and clocks go forward at most once in forty days.
          expect(elsewhere.length).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('a cron expression', () => {
  it.each(['0 9 * * 1-5', '*/10 * * * * *', '@daily', '0 0 L * *', '0 12 * JAN-MAR MON'])('may be "%s"', (pattern) => {
    expect(cronProblem(pattern, 'UTC')).toBeNull();
  });

  it.each([
    ['61 * * * *', 'Invalid value for minute'],
    ['* * *', 'expected five fields'],
    ['2026-01-01T00:00:00', 'expected five fields'],
    ['1 2 3 4 5 6 7', 'expected five fields'],
    ['', 'expected five fields'],
  ])('may not be "%s"', (pattern, problem) => {
    expect(cronProblem(pattern, 'UTC')).toContain(problem);
  });

  it('is read in a time zone that there is', () => {
    expect(cronProblem('0 9 * * *', 'Europe/Atlantis')).toContain('there is no time zone "Europe/Atlantis"');
  });
});
