import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { Http, queryText } from './http.js';
import { fieldProblemsOf, problemOf } from './problem.js';

function http(answer: () => Response, asked: Request[] = []): Http {
  return new Http({ token: 'secret', actor: 'user:ann' }, async (address, init) => {
    asked.push(new Request(`http://x${address as string}`, init));
    return answer();
  });
}

const PROBLEM = {
  title: 'Bad',
  status: 400,
  detail: 'x is missing',
  code: 'INPUT_INVALID',
  details: { problems: [{ path: 'x', message: 'is missing' }] },
};

describe('a call of the API', () => {
  it('carries token, actor, body and idempotency key', async () => {
    const asked: Request[] = [];
    const answer = await http(() => Response.json({ position: 3 }), asked).call('POST', '/v1/runs', z.object({ position: z.number() }), {
      body: { workflow: 'a' },
      idempotencyKey: 'k',
    });
    expect(answer).toEqual({ position: 3 });
    const [request] = asked;
    expect(Object.fromEntries(request?.headers ?? [])).toMatchObject({
      ...{ authorization: 'Bearer secret', 'tutti-actor': 'user:ann', 'idempotency-key': 'k', 'content-type': 'application/json' },
    });
    expect(await request?.json()).toEqual({ workflow: 'a' });
  });

  it('fails with the problem that the API says', async () => {
    const error: unknown = await http(() => Response.json(PROBLEM, { status: 400 }))
      .call('GET', '/v1/runs', z.object({}))
      .catch((thrown: unknown) => thrown);
    const problem = problemOf(error);
    expect(problem).toMatchObject({ code: 'INPUT_INVALID', detail: 'x is missing' });
    expect(fieldProblemsOf(problem)).toEqual([{ path: 'x', message: 'is missing' }]);
  });

  it('says so of an answer that is no problem document', async () => {
    const error: unknown = await http(() => new Response('<html>', { status: 502 }))
      .call('GET', '/v1/runs', z.object({}))
      .catch((thrown: unknown) => thrown);
    expect(problemOf(error)).toMatchObject({ status: 502, detail: '<html>', retryable: true });
  });

  it('says that nothing answers when nothing does', async () => {
    const broken = http(() => {
      throw new TypeError('Failed to fetch');
    });
    const error: unknown = await broken.call('GET', '/v1/runs', z.object({})).catch((thrown: unknown) => thrown);
    expect(problemOf(error)).toMatchObject({ code: 'NOT_RUNNING', retryable: true });
  });

  it('writes queries without what is empty, and lists as repeats', () => {
    expect(queryText({ a: '', b: undefined, c: 0, d: ['x=1', 'y=2'], e: false })).toBe('?c=0&d=x%3D1&d=y%3D2&e=false');
    expect(queryText({})).toBe('');
  });
});
