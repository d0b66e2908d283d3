import { describe, expect, it } from '@jest/globals';
import { TuttiError } from '@tutti/kernel';
import { logLevelOf, problemOf } from './problem.js';

describe('what the log says of an answer that is a problem', () => {
  it.each([
    ['nothing of what is the caller’s', new TuttiError('RUN_NOT_FOUND', 'there is no run'), null],
    ['nothing of too much at once', new TuttiError('OVERLOADED', 'wait'), null],
    ['a warning while a service is away', new TuttiError('SHUTTING_DOWN', 'away'), 'warn'],
    ['a warning while nobody serves the store', new TuttiError('STORE_UNAVAILABLE', 'no host', { retryable: true }), 'warn'],
    ['a warning of what was late', new TuttiError('TIMED_OUT', 'late'), 'warn'],
    ['an error where nobody knows what was done', new TuttiError('SHUTTING_DOWN', 'lost', { retryable: false }), 'error'],
    ['an error of a store that is to be checked', new TuttiError('STORE_UNAVAILABLE', 'check it'), 'error'],
    ['an error of a fault', new Error('broken'), 'error'],
  ] as const)('is %s', (_, thrown, level) => {
    expect(logLevelOf(problemOf(thrown))).toBe(level);
  });
});
