import { describe, expect, it } from '@jest/globals';
import { ERROR_CODES, TuttiError } from '@tutti/kernel';
import { errorFromAnswer } from '@tutti/client/http';
import { createStyle } from '../terminal/style.js';
import { EXIT, EXIT_CODE_TABLE, exitCodeFor } from './exit-codes.js';
import { Failure, toFailure } from './failure.js';
import { failureJson, renderFailure } from './render-failure.js';

const plain = createStyle(false);
const failureFromAnswer = (...answer: Parameters<typeof errorFromAnswer>): Failure => toFailure(errorFromAnswer(...answer));

describe('exit codes', () => {
  it.each([
    ['RUN_NOT_FOUND', EXIT.notFound],
    ['DEFINITION_INVALID', EXIT.invalid],
    ['INPUT_INVALID', EXIT.invalid],
    ['RUN_ENDED', EXIT.conflict],
    ['PAYLOAD_CHANGED', EXIT.conflict],
    ['UNAUTHENTICATED', EXIT.forbidden],
    ['ORIGIN_REFUSED', EXIT.forbidden],
    ['OVERLOADED', EXIT.timedOut],
    ['TIMED_OUT', EXIT.timedOut],
    ['SHUTTING_DOWN', EXIT.notRunning],
    ['INTERNAL', EXIT.failed],
  ])('%s ends with %i whatever the status', (code, exit) => {
    expect(exitCodeFor(code, 418)).toBe(exit);
  });

  it('go by the HTTP status for a code of a newer server', () => {
    expect(exitCodeFor('SOMETHING_NEW', 404)).toBe(EXIT.notFound);
    expect(exitCodeFor('SOMETHING_NEW', 429)).toBe(EXIT.timedOut);
    expect(exitCodeFor('SOMETHING_NEW', 418)).toBe(EXIT.failed);
  });

  it('are all in the table that the help prints, and every error code has one', () => {
    const listed = EXIT_CODE_TABLE.map(({ code }) => code);
    expect(listed).toEqual(Object.values(EXIT));
    for (const code of Object.keys(ERROR_CODES)) expect(listed).toContain(exitCodeFor(code, 500));
  });
});

describe('a problem document', () => {
  const body = JSON.stringify({
    title: 'The workflow definition has errors',
    detail: '2 problems in the definition',
    code: 'DEFINITION_INVALID',
    retryable: false,
    details: {
      problems: [
        { line: 12, column: 5, path: '/steps/a', message: 'unknown key' },
        { path: '/name', message: 'is missing' },
      ],
    },
  });

  it('becomes a failure with every problem and its line', () => {
    const { code, message, exitCode, problems } = failureFromAnswer(400, body, 'POST /v1/workflows', null);
    const failure = new Failure(code, message, { exitCode, problems, source: 'workflow.yaml' });
    expect(renderFailure(failure, plain, { debug: false })).toEqual([
      'error: 2 problems in the definition (DEFINITION_INVALID)',
      '  workflow.yaml:12:5  unknown key (/steps/a)',
      '  workflow.yaml  is missing (/name)',
      'hint: `tutti workflow validate <file>` checks again without registering',
    ]);
  });

  it('names the instance to look for in the log when the server says nothing else', () => {
    const internal = JSON.stringify({ code: 'INTERNAL', detail: 'an unexpected fault', instance: 'urn:uuid:1' });
    expect(failureFromAnswer(500, internal, 'GET /v1/runs', null).where).toBe('GET /v1/runs, instance urn:uuid:1');
    expect(failureFromAnswer(400, JSON.stringify({ code: 'INPUT_INVALID', instance: 'urn:uuid:1' }), 'GET /v1/runs', null).where).toBe(
      'GET /v1/runs',
    );
  });

  it('is made up for when a proxy answers something else', () => {
    const failure = failureFromAnswer(503, '<html>', 'GET /v1/runs', '2');
    expect(failure).toMatchObject({
      code: 'HTTP_503',
      message: 'the server answered 503',
      exitCode: EXIT.notRunning,
      retryable: true,
      retryAfterMs: 2_000,
    });
  });
});

describe('a failure', () => {
  it('is never shown with a stack, unless asked for', () => {
    const failure = toFailure(new TypeError('x is not a function'));
    expect(renderFailure(failure, plain, { debug: false }).join('\n')).not.toContain('    at ');
    const debug = renderFailure(failure, plain, { debug: true }).join('\n');
    expect(debug).toContain('TypeError: x is not a function');
    expect(debug).toContain('    at ');
  });

  it('lets nothing steer the terminal', () => {
    expect(
      renderFailure(new Failure('X', 'bad\u001b[2J', { exitCode: 1, where: 'a\u0007' }), plain, { debug: false }).join(''),
    ).not.toMatch(/[\u0007\u001b]/);
  });

  it('keeps the code of an error of Tutti', () => {
    expect(toFailure(new TuttiError('RUN_ENDED', 'too late'))).toMatchObject({ code: 'RUN_ENDED', exitCode: EXIT.conflict });
  });

  it('is one object for programs', () => {
    expect(failureJson(new Failure('NOT_RUNNING', 'nothing', { exitCode: EXIT.notRunning, hint: 'start it' }))).toEqual({
      error: { code: 'NOT_RUNNING', message: 'nothing', exitCode: 3, retryable: false, hint: 'start it' },
    });
  });
});
