import { describe, expect, it } from '@jest/globals';
import { fromPlainError, toPlainError } from './plain-error.js';
import { TuttiError } from './tutti-error.js';

describe('a plain error', () => {
  it('is the same error on the other side, but for its cause', () => {
    const error = new TuttiError('INVALID_REQUEST', 'no', { details: { at: 3 }, retryable: true, cause: new Error('inside') });
    const crossed = fromPlainError(JSON.parse(JSON.stringify(toPlainError(error))) as ReturnType<typeof toPlainError>);
    expect(crossed).toMatchObject({ code: 'INVALID_REQUEST', message: 'no', details: { at: 3 }, retryable: true });
    expect(crossed.cause).toBeUndefined();
  });

  it('keeps a code that is not known here in its message', () => {
    expect(fromPlainError({ code: 'FROM_LATER', message: 'new', retryable: false })).toMatchObject({
      code: 'INTERNAL',
      message: 'FROM_LATER: new',
    });
  });
});
