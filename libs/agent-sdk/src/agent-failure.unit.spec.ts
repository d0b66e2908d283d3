import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { AgentFailure, isAgentFailure } from './agent-failure.js';

describe('AgentFailure', () => {
  it('makes no sense to retry unless it says so', () => {
    const { code, message, retryable, details, noEffect } = new AgentFailure('NO_ANSWER', 'the model gave no answer');
    expect({ code, message, retryable, details, noEffect }).toEqual({
      ...{ code: 'NO_ANSWER', message: 'the model gave no answer' },
      ...{ retryable: false, details: undefined, noEffect: false },
    });
  });

  it('carries what its author adds', () => {
    const failure = new AgentFailure('NO_ANSWER', 'the model gave no answer', { retryable: true, details: { at: 3 }, noEffect: true });
    expect(failure).toMatchObject({ retryable: true, details: { at: 3 }, noEffect: true });
    expect(failure).toBeInstanceOf(Error);
  });
});

describe('isAgentFailure', () => {
  const foreign = (members: string): unknown =>
    runInNewContext(`Object.assign(new Error('no answer'), { name: 'AgentFailure' }, ${members})`);

  it('recognises a failure, also one of another realm, which is no instance of Error here', () => {
    expect(isAgentFailure(new AgentFailure('NO_ANSWER', 'none'))).toBe(true);
    const error = foreign(`{ code: 'NO_ANSWER', retryable: false }`);
    expect(error).not.toBeInstanceOf(Error);
    expect(isAgentFailure(error)).toBe(true);
  });

  it.each([
    ['no code', `{ retryable: false }`],
    ['an empty code', `{ code: '', retryable: false }`],
    ['a code that is no text', `{ code: 7, retryable: false }`],
    ['no word on retrying', `{ code: 'NO_ANSWER' }`],
    ['another name', `{ name: 'Error', code: 'NO_ANSWER', retryable: false }`],
  ])('does not recognise an error with %s', (_, members) => {
    expect(isAgentFailure(foreign(members))).toBe(false);
  });

  it.each([[null], [undefined], ['AgentFailure'], [new Error('plain')]])('does not recognise %p', (thrown) => {
    expect(isAgentFailure(thrown)).toBe(false);
  });
});
