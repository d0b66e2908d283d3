import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RunServiceService, type RunService } from '@tutti/contracts';
import { TuttiError } from '@tutti/kernel';
import { silentLogger } from '../logger.js';
import { createSystemRuntime } from '../system/system-runtime.js';
import { withCallSignal } from './call-signal.js';
import { InternalServer } from './internal-server.js';
import type { RemoteProcessLimits } from './patient-calls.js';
import { RemoteProcess } from './remote-process.js';

const TOKEN = 'of-the-folder';
const START = { workflow: 'wf', workflowVersion: 0, inputs: {}, labels: {}, idempotencyKey: '', actor: 'a', traceparent: '' };
const runtime = createSystemRuntime();
const wait = (ms: number): Promise<void> => new Promise((resolve) => void runtime.timers.after(ms, resolve));

let address: string | null;
let calls: string[];
let servers: InternalServer[];
let remotes: RemoteProcess[];
beforeEach(() => {
  address = null;
  calls = [];
  servers = [];
  remotes = [];
});
afterEach(async () => {
  remotes.forEach((remote) => remote.close());
  await Promise.all(servers.map((server) => server.close()));
});

/** Another process, as far as its services go. What it is asked is put down; `answer` says what becomes of it. */
async function serve(answer: (method: string) => Promise<unknown>): Promise<InternalServer> {
  const verify = (token: string) =>
    token === TOKEN ? Promise.resolve() : Promise.reject(new TuttiError('UNAUTHENTICATED', 'not of the folder'));
  const server = new InternalServer({ tokens: { verify }, runtime, logger: silentLogger });
  const implementation = Object.fromEntries(
    Object.keys(RunServiceService).map((method) => [
      method,
      (): Promise<unknown> => {
        calls.push(method);
        return answer(method);
      },
    ]),
  );
  server.add(RunServiceService, implementation as unknown as RunService);
  address = await server.listen();
  server.open();
  servers.push(server);
  return server;
}

function remote(limits: Partial<RemoteProcessLimits> = {}, token = TOKEN): RemoteProcess {
  const made = new RemoteProcess({
    name: 'the coordinator',
    endpoint: () => (address === null ? Promise.reject(new Error('nobody')) : Promise.resolve({ address })),
    tokens: { issue: () => Promise.resolve(token) },
    ...{ runtime, logger: silentLogger },
    limits: { waitMs: 5_000, maxWaiting: 10, callMs: 10_000, ...limits },
  });
  remotes.push(made);
  return made;
}

const runs = (limits: Partial<RemoteProcessLimits> = {}) => remote(limits).service(RunServiceService);
const never = () => new Promise<never>(() => undefined);
const get = { runId: 'r1', minPosition: 0 };

describe('services of another process that comes and goes', () => {
  it('are waited for, and found where they are now', async () => {
    const service = runs();
    const early = service.startRun(START);
    await wait(50);
    const first = await serve(() => Promise.resolve({ runId: 'r1', position: 1, workflowVersion: 1, created: true }));
    expect(await early).toEqual({ runId: 'r1', position: 1, workflowVersion: 1, created: true });
    address = null;
    await first.close();
    const later = service.startRun(START);
    await wait(50);
    await serve(() => Promise.resolve({ runId: 'r2', position: 2, workflowVersion: 1, created: true }));
    expect(await later).toMatchObject({ runId: 'r2' });
  });

  it('that do not come are told as away, retryable, once the wait is over', async () => {
    await expect(runs({ waitMs: 150 }).startRun(START)).rejects.toMatchObject({
      code: 'SHUTTING_DOWN',
      retryable: true,
      message: 'the coordinator is not there just now',
    });
  });

  it('are waited for by so many calls and no more', async () => {
    const service = runs({ maxWaiting: 1, waitMs: 200 });
    const first = service.getRun(get);
    await expect(service.getRun(get)).rejects.toMatchObject({ code: 'OVERLOADED' });
    await expect(first).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });

  it.each([
    ['getRun', 'of what changes nothing', get],
    ['startRun', 'of a start that has a key', { ...START, idempotencyKey: 'k' }],
  ] as const)('that go before they answer are asked again for %s: the answer %s', async (method, _, request) => {
    const first = await serve(never);
    const answer = (runs()[method] as (request: unknown) => Promise<unknown>)(request);
    while (calls.length === 0) await wait(5);
    address = null;
    await first.close();
    await serve(() => Promise.resolve({ runId: 'r1', position: 3, workflowVersion: 1, created: false }));
    await expect(answer).resolves.toBeDefined();
    expect(calls).toEqual([method, method]);
  });

  it('that go before they answer what may not be done twice leave it open, and say so', async () => {
    const first = await serve(never);
    const answer = runs().startRun(START);
    answer.catch(() => undefined);
    while (calls.length === 0) await wait(5);
    address = null;
    await first.close();
    await serve(() => Promise.resolve({}));
    await expect(answer).rejects.toMatchObject({
      code: 'SHUTTING_DOWN',
      retryable: false,
      message: expect.stringContaining('startRun: it may have been done'),
    });
    expect(calls).toEqual(['startRun']);
  });

  it('that refuse before they look are asked again whatever it was', async () => {
    const server = await serve(() => Promise.resolve({ runId: 'r1', position: 1, workflowVersion: 1, created: true }));
    await server.shut();
    const answer = runs().startRun(START);
    await wait(50);
    expect(calls).toEqual([]);
    server.open();
    expect(await answer).toMatchObject({ runId: 'r1' });
  });

  it('that refuse to look for as long as anybody waits are away', async () => {
    await (await serve(() => Promise.resolve({}))).shut();
    const refused = runs({ waitMs: 300 }).startRun(START);
    await expect(refused).rejects.toMatchObject({ message: 'the coordinator is not there just now', retryable: true, details: undefined });
    expect(calls).toEqual([]);
  });

  it('say themselves what is wrong with a call, once', async () => {
    await serve(() => Promise.reject(new TuttiError('RUN_NOT_FOUND', 'there is no run "r1"')));
    await expect(runs().getRun(get)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND', message: 'there is no run "r1"' });
    expect(calls).toEqual(['getRun']);
  });

  it('take no call of anybody else', async () => {
    await serve(() => Promise.resolve({}));
    const stranger = remote({}, 'of-another').service(RunServiceService);
    await expect(stranger.getRun(get)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(calls).toEqual([]);
  });

  it('end what is in hand before they shut, and tell who watches that they are there, or away', async () => {
    const seen: boolean[] = [];
    const watched = remote();
    let finish = (): void => undefined;
    watched.watch((present) => seen.push(present));
    const server = await serve(async () => {
      await new Promise<void>((resolve) => (finish = resolve));
      return {};
    });
    while (seen.at(-1) !== true) await wait(5);
    const answer = watched.service(RunServiceService).getRun(get);
    while (calls.length === 0) await wait(5);
    let isShut = false;
    const shut = server.shut().then(() => (isShut = true));
    await wait(20);
    expect(isShut).toBe(false);
    finish();
    await Promise.all([answer, shut]);
    address = null;
    await server.close();
    while (seen.at(-1) !== false) await wait(5);
    expect(seen.filter((present, index) => present !== seen[index - 1])).toEqual(seen);
  });

  it('are asked no more when nobody waits for the answer any more', async () => {
    await serve(never);
    const gone = new AbortController();
    const answer = withCallSignal(gone.signal, () => runs().getRun(get));
    answer.catch(() => undefined);
    while (calls.length === 0) await wait(5);
    gone.abort();
    await expect(answer).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(calls).toEqual(['getRun']);
  });

  it('are found where they are now, though somebody else answers where they were', async () => {
    await serve(() => Promise.reject(new TuttiError('UNAUTHENTICATED', 'not of this folder')));
    const watched = remote();
    const service = watched.service(RunServiceService);
    const seen: boolean[] = [];
    watched.watch((present) => seen.push(present));
    while (seen.length === 0) await wait(5);
    await expect(service.getRun(get)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await serve(() => Promise.resolve({ runId: 'r1' }));
    await wait(600);
    await expect(service.getRun(get)).resolves.toBeDefined();
    expect(seen).toEqual([true]);
  });

  it('are given up at once when this end closes', async () => {
    const own = remote({ waitMs: 60_000 });
    const answer = own.service(RunServiceService).getRun(get);
    await wait(20);
    own.close();
    await expect(answer).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });
});
