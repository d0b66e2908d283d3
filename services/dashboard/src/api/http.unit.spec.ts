import { describe, expect, it } from '@jest/globals';
import { endSession, getRun, listRuns, startRun } from '@tutti/rest-contract';
import { Http, queryText } from './http.js';
import { ApiError } from './problem.js';

interface Sent {
  readonly address: string;
  readonly init: RequestInit;
}

function httpThat(status: number, body: unknown, parts: object = {}): { readonly http: Http; readonly sent: Sent[] } {
  const sent: Sent[] = [];
  const fetcher = (address: string, init: RequestInit): Promise<Response> => {
    sent.push({ address, init });
    return Promise.resolve(new Response(body === undefined ? null : JSON.stringify(body), { status }));
  };
  return { http: new Http({ fetcher: fetcher as typeof fetch, ...parts }), sent };
}

describe('a call of the API', () => {
  it('puts the parameters into the path, and sends the chosen name and the body', async () => {
    const { http, sent } = httpThat(201, { runId: 'r 1', position: 7 }, { actor: 'user:ann' });
    const body = { workflow: 'greeting', inputs: { name: 'Ada' } };
    expect(await http.ask(startRun, { body, idempotencyKey: 'k' })).toMatchObject({ runId: 'r 1', position: 7 });
    expect(sent[0]).toMatchObject({
      address: '/v1/runs',
      init: {
        method: 'POST',
        body: JSON.stringify(body),
        credentials: 'same-origin',
        headers: { 'tutti-actor': 'user:ann', 'content-type': 'application/json', 'idempotency-key': 'k' },
      },
    });
    const one = httpThat(200, { run: { id: 'r/1' } });
    expect((await one.http.ask(getRun, { params: { id: 'r/1' } })).run).toMatchObject({ id: 'r/1', status: 'running', steps: [] });
    expect(one.sent[0]?.address).toBe('/v1/runs/r%2F1');
  });

  it('has nothing to read of an answer without a body', async () => {
    expect(await httpThat(204, undefined).http.ask(endSession)).toBeUndefined();
  });

  it('fails with the problem of the answer, and tells that the session is not taken', async () => {
    let told = 0;
    const problem = { title: 'No', status: 401, detail: 'the session is over', code: 'UNAUTHENTICATED' };
    const { http } = httpThat(401, problem, { onUnauthenticated: () => (told += 1) });
    await expect(http.ask(listRuns)).rejects.toMatchObject({ problem: { code: 'UNAUTHENTICATED' }, message: 'the session is over' });
    expect(told).toBe(1);
  });

  it('says that nothing answers when there is no answer', async () => {
    const http = new Http({ fetcher: () => Promise.reject(new TypeError('Failed to fetch')) });
    const failure = await http.ask(listRuns).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApiError);
    expect(failure).toMatchObject({ problem: { code: 'NOT_RUNNING', retryable: true } });
  });
});

describe('the text of a query', () => {
  it('leaves out what is empty, and repeats what there is more than one of', () => {
    expect(queryText({ status: '', label: ['a=1', 'b=2'], pageSize: 50, root: undefined })).toBe('?label=a%3D1&label=b%3D2&pageSize=50');
  });
});
