import { describe, expect, it } from '@jest/globals';
import { streamCategory } from './event-envelope.js';
import { isoTime } from './runtime.js';

describe('streamCategory', () => {
  it.each([
    ['run-019b76da-a800-7000-8000-000000000000', 'run'],
    ['workflow-order-review', 'workflow'],
    ['settings', 'settings'],
    ['-odd', ''],
  ])('of %s is %p', (stream, category) => {
    expect(streamCategory(stream)).toBe(category);
  });
});

describe('isoTime', () => {
  it('is UTC with milliseconds, also when they are zero', () => {
    expect(isoTime(Date.UTC(2026, 0, 2, 3, 4, 5))).toBe('2026-01-02T03:04:05.000Z');
  });
});
