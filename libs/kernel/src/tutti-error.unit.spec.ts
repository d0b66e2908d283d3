import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { isTuttiError, toTuttiError, TuttiError } from './tutti-error.js';

/** As a copy of this package in another realm throws it: no class and no built-in in common with this one. */
function foreignError(members: string): unknown {
  return runInNewContext(`Object.assign(new Error('run r-1 was not found'), { name: 'TuttiError' }, ${members})`);
}

describe('TuttiError', () => {
  it('takes kind and retryability from the table of codes', () => {
    const { kind, retryable, details, message, cause } = new TuttiError('OVERLOADED', '9 of 8 slots taken');
    expect({ kind, retryable, details, message, cause }).toEqual({
      ...{ kind: 'exhausted', retryable: true, details: undefined },
      ...{ message: '9 of 8 slots taken', cause: undefined },
    });
  });

  it('lets the thrower overrule retryability, and carries details and cause', () => {
    const cause = new Error('disk');
    const error = new TuttiError('OVERLOADED', 'full', { retryable: false, details: { limit: 8 }, cause });
    expect(error.retryable).toBe(false);
    expect(error.details).toEqual({ limit: 8 });
    expect(error.cause).toBe(cause);
  });
});

describe('isTuttiError', () => {
  it('recognises an error by its code', () => {
    const error = new TuttiError('RUN_NOT_FOUND', 'run r-1 was not found');
    expect(isTuttiError(error)).toBe(true);
    expect(isTuttiError(error, 'RUN_NOT_FOUND')).toBe(true);
    expect(isTuttiError(error, 'RUN_ENDED')).toBe(false);
  });

  it('recognises an error of another realm, which is no instance of Error here', () => {
    const error = foreignError(`{ code: 'RUN_NOT_FOUND', kind: 'not-found', retryable: false }`);
    expect(error).not.toBeInstanceOf(Error);
    expect(isTuttiError(error, 'RUN_NOT_FOUND')).toBe(true);
    expect(isTuttiError(error, 'RUN_ENDED')).toBe(false);
  });

  it.each([
    ['a code nobody knows', `{ code: 'NO_SUCH_CODE', kind: 'internal', retryable: false }`],
    ['a code that objects inherit', `{ code: 'constructor', kind: 'internal', retryable: false }`],
    ['no code', `{ kind: 'internal', retryable: false }`],
    ['a kind nobody knows', `{ code: 'INTERNAL', kind: 'odd', retryable: false }`],
    ['no word on retrying', `{ code: 'INTERNAL', kind: 'internal' }`],
    ['another name', `{ name: 'Error', code: 'INTERNAL', kind: 'internal', retryable: false }`],
  ])('does not recognise an error with %s', (_, members) => {
    expect(isTuttiError(foreignError(members))).toBe(false);
  });

  it.each([[null], [undefined], ['TuttiError'], [7], [new Error('plain')]])('does not recognise %p', (thrown) => {
    expect(isTuttiError(thrown)).toBe(false);
  });
});

describe('toTuttiError', () => {
  it('hands a TuttiError back as it is, of whatever realm', () => {
    const own = new TuttiError('RUN_ENDED', 'over');
    const foreign = foreignError(`{ code: 'RUN_NOT_FOUND', kind: 'not-found', retryable: false }`);
    expect(toTuttiError(own)).toBe(own);
    expect(toTuttiError(foreign)).toBe(foreign);
  });

  it('makes anything else INTERNAL with its message, and keeps it as the cause', () => {
    const thrown: unknown = runInNewContext(`new TypeError('x is not a function')`);
    const error = toTuttiError(thrown);
    expect(error).toMatchObject({ code: 'INTERNAL', message: 'x is not a function', retryable: false });
    expect(error.cause).toBe(thrown);
  });

  it.each([
    ['a text', 'text', 'text'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['an object whose message is no text', { message: 7 }, '[object Object]'],
    ['an object without a text form', Object.create(null), 'something without a text form was thrown'],
  ])('makes INTERNAL of %s', (_, thrown: unknown, message) => {
    expect(toTuttiError(thrown)).toMatchObject({ code: 'INTERNAL', message });
  });
});
