import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { describe, expect, it } from '@jest/globals';
import { GRPC_ERROR_KEYS } from '@tutti/contracts';
import { errorFromGrpc } from './grpc-error.js';

function failure(code: status, entries: Readonly<Record<string, string | Buffer>> = {}): ServiceError {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(entries)) metadata.set(key, value);
  return Object.assign(new Error('x'), { code, details: 'what was said', metadata });
}

describe('an error that came by gRPC', () => {
  it('is the server’s, whole, also with a code that this version does not know', () => {
    const entries = {
      [GRPC_ERROR_KEYS.code]: 'FROM_THE_FUTURE',
      [GRPC_ERROR_KEYS.retryable]: 'true',
      [GRPC_ERROR_KEYS.details]: Buffer.from('{"problems":[{"path":"/name"}]}'),
    };
    expect(errorFromGrpc(failure(status.FAILED_PRECONDITION, entries), 'here')).toMatchObject({
      code: 'FROM_THE_FUTURE',
      message: 'what was said',
      retryable: true,
      details: { problems: [{ path: '/name' }] },
      where: 'here',
    });
  });

  it.each([
    ['UNREACHABLE', true, status.UNAVAILABLE],
    ['UNREACHABLE', true, status.CANCELLED],
    ['TIMED_OUT', false, status.DEADLINE_EXCEEDED],
    ['PAYLOAD_TOO_LARGE', false, status.RESOURCE_EXHAUSTED],
    ['INTERNAL', false, status.INTERNAL],
    ['ANSWER_UNREADABLE', false, status.UNIMPLEMENTED],
  ] as const)('is %s (retryable: %s) when the server said nothing and gRPC found %i', (code, retryable, found) => {
    expect(errorFromGrpc(failure(found), 'here')).toMatchObject({ code, retryable });
  });
});
