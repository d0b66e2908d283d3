import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { problem } from '../testing/fake-server.js';
import { RUNNING, startProgramHarness, type ProgramHarness } from '../testing/program-harness.js';

let harness: ProgramHarness;
beforeEach(async () => {
  harness = await startProgramHarness();
});
afterEach(() => harness.close());
const bodyOf = (path: string): unknown => JSON.parse(harness.lastRequest(path)?.body ?? 'null');

describe('tutti signal', () => {
  let created = true;
  beforeEach(() => {
    created = true;
    harness.server.on('POST', '/v1/runs/r1/signals/paid', () => ({ status: 201, json: { signalId: 's1', position: 3, created } }));
  });

  it.each([
    [[], null],
    [['by ann'], 'by ann'],
    [[':{"amount":12}'], { amount: 12 }],
  ])('sends what is said: %j', async (words, payload) => {
    expect(await harness.tutti(['signal', 'r1', 'paid', ...words])).toMatchObject({ exitCode: 0, out: 'sent paid to r1\n' });
    expect(bodyOf('/v1/runs/r1/signals/paid')).toEqual({ payload, id: expect.any(String) });
  });

  it('sends under the id that it is given, and says when that had come before', async () => {
    created = false;
    expect(await harness.tutti(['signal', 'r1', 'paid', '--id', 'own'])).toMatchObject({ out: 'r1 had received this paid before\n' });
    expect(bodyOf('/v1/runs/r1/signals/paid')).toMatchObject({ id: 'own' });
  });

  it('refuses what is no JSON before it sends anything', async () => {
    expect(await harness.tutti(['signal', 'r1', 'paid', ':{'])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('after ":" comes JSON'),
    });
    expect(harness.lastRequest('/v1/runs')).toBeUndefined();
  });
});

describe('tutti query', () => {
  it('lists what can be asked', async () => {
    harness.server.on('GET', '/v1/runs/r1/queries', () => ({
      json: { queries: [{ name: 'spent', expression: 'variables.budget' }, { name: 'state' }] },
    }));
    expect((await harness.tutti(['query', 'r1'])).out).toMatch(/QUERY +EXPRESSION[\s\S]*spent +variables.budget[\s\S]*state/);
  });

  it.each([
    ['a text', 'fine', 'fine\n'],
    ['an object', { done: 3 }, '{\n  "done": 3\n}\n'],
    ['nothing', null, 'null\n'],
  ])('prints %s as it is', async (_, value, out) => {
    harness.server.on('POST', '/v1/runs/r1/queries/spent', () => ({ json: { value, position: 3 } }));
    expect(await harness.tutti(['query', 'r1', 'spent'])).toMatchObject({ exitCode: 0, out });
  });

  it('says what the server refuses', async () => {
    harness.server.on('POST', '/v1/runs/r1/queries/nothing', () => problem(404, 'QUERY_NOT_FOUND', 'it has spent, state'));
    expect(await harness.tutti(['query', 'r1', 'nothing'])).toMatchObject({
      exitCode: 4,
      err: expect.stringContaining('it has spent, state'),
    });
  });
});

describe('tutti set', () => {
  it('sets each of the variables, with the reason', async () => {
    harness.server.on('PATCH', '/v1/runs/r1/variables', () => ({ json: { position: 3 } }));
    const { out } = await harness.tutti(['set', 'r1', 'budget=:50', 'owner=ann', '--reason', 'more']);
    expect(out).toBe('set budget, owner of r1\n');
    expect(bodyOf('/v1/runs/r1/variables')).toEqual({ values: { budget: 50, owner: 'ann' }, reason: 'more' });
  });

  it('needs at least one', async () => {
    expect((await harness.tutti(['set', 'r1'])).exitCode).toBe(2);
  });
});

describe('tutti runs', () => {
  it('lists those with all of the labels', async () => {
    await harness.tutti(['runs', '--label', 'team=core', '-l', 'customer=a=b']);
    expect(harness.lastRequest('/v1/runs')?.path).toContain('label=team%3Dcore&label=customer%3Da%3Db');
  });
});

describe('tutti show', () => {
  it('says what steps wait for', async () => {
    const awaited = { kind: 'signal', what: 'go', until: '2026-01-01T13:00:00.000Z' };
    harness.server.addRun('run1', {
      ...RUNNING,
      steps: [
        { id: 'ask', status: 'waiting', awaited },
        { id: 'nap', awaited: { kind: 'timer' } },
      ],
    });
    const { out } = await harness.tutti(['show', 'run1', '--wide']);
    expect(out).toMatch(/ask +waiting .*waits for signal go until 2026-01-01T13:00:00.000Z/);
    expect(out).toContain('sleeps');
  });
});
