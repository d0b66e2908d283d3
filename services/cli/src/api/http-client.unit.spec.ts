import { describe, expect, it } from '@jest/globals';
import { REQUEST_LIMIT_MS, type HttpRequest } from '@tutti/client/http';
import { createManualRuntime } from '@tutti/kernel/testing';
import { createHttpClient } from './http-client.js';

type Reply = () => Promise<Response>;

function client(...replies: readonly Reply[]) {
  const runtime = createManualRuntime();
  const seen: { readonly url: string; readonly init: RequestInit }[] = [];
  const left = [...replies];
  const fetchFake = ((url: string, init: RequestInit) => {
    seen.push({ url, init });
    return (left.shift() ?? replies.at(-1)!)();
  }) as unknown as typeof fetch;
  const http = createHttpClient({ url: 'http://tutti', token: 'T', actor: 'user:ann' }, { fetch: fetchFake, runtime });
  return { runtime, seen, send: (request: HttpRequest) => http.send(request) };
}

const ok: Reply = () => Promise.resolve(new Response('{"ok":true}'));
const busy: Reply = () =>
  Promise.resolve(new Response('{"code":"OVERLOADED","detail":"busy","retryable":true}', { status: 429, headers: { 'retry-after': '2' } }));
const refused: Reply = () =>
  Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error(''), { code: 'ECONNREFUSED' }) }));

describe('a request', () => {
  it('carries the token and who asks, and repeats a key of the query for each of a list', async () => {
    const { send, seen } = client(ok);
    await send({ path: '/v1/agents', query: { capability: ['a', 'b'], none: undefined, empty: '', deep: true } });
    expect(seen[0]?.url).toBe('http://tutti/v1/agents?capability=a&capability=b&deep=true');
    expect(seen[0]?.init).toMatchObject({ redirect: 'error', headers: { authorization: 'Bearer T', 'tutti-actor': 'user:ann' } });
  });

  it('is sent again after a passing fault, no sooner than the server asked for', async () => {
    const { send, seen, runtime } = client(busy, ok);
    const answer = send({ path: '/v1/runs' });
    await runtime.advance(1_999);
    expect(seen).toHaveLength(1);
    await runtime.advance(1);
    await expect(answer).resolves.toMatchObject({ json: { ok: true } });
    expect(seen).toHaveLength(2);
  });

  it('is given up after three tries', async () => {
    const { send, seen, runtime } = client(refused);
    const failure = send({ path: '/v1/runs' }).catch((error: unknown) => error);
    await runtime.advance(10_000);
    expect(await failure).toMatchObject({ code: 'UNREACHABLE', exitCode: 3, message: expect.stringContaining('nobody listens there') });
    expect(seen).toHaveLength(3);
  });

  it('that changes something is not sent again unless it may be', async () => {
    const { send, seen } = client(refused);
    await expect(send({ method: 'POST', path: '/v1/x' })).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(seen).toHaveLength(1);
  });

  it('ends at its limit when no answer comes', async () => {
    // A fetch that hears its signal, as the real one does.
    const listening: ReturnType<typeof client> = client(
      () => new Promise((_, reject) => listening.seen[0]?.init.signal?.addEventListener('abort', () => reject(new Error('aborted')))),
    );
    const failure = listening.send({ method: 'POST', path: '/v1/x' }).catch((error: unknown) => error);
    await listening.runtime.advance(REQUEST_LIMIT_MS);
    expect(await failure).toMatchObject({ code: 'TIMED_OUT', exitCode: 8 });
    expect(listening.runtime.pending()).toBe(0);
  });

  it('says that it is no Tutti server when the answer is no JSON', async () => {
    await expect(client(() => Promise.resolve(new Response('<html>'))).send({ path: '/version' })).rejects.toMatchObject({
      code: 'ANSWER_UNREADABLE',
      exitCode: 3,
    });
  });
});
