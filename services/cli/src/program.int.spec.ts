import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SUCCEEDED, startProgramHarness, type ProgramHarness } from './testing/program-harness.js';

let harness: ProgramHarness;
beforeEach(async () => {
  harness = await startProgramHarness();
});
afterEach(() => harness.close());

describe('finding the system', () => {
  it('uses the one that the data folder names, with its token and the user as actor', async () => {
    harness.server.addRun('run1', SUCCEEDED);
    const { exitCode, out } = await harness.tutti(['runs'], { user: 'Ann O’Hara' });
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^RUN +WORKFLOW +STATUS +STARTED +TOOK +BY\nrun1 +demo v1 +succeeded +\d+d ago +12\.4s +user:ann\n$/);
    expect(harness.lastRequest('/v1/runs')?.headers).toMatchObject({
      authorization: 'Bearer secret-token',
      'tutti-actor': 'user:Ann-O-Hara',
    });
  });

  it.each([
    ['its process is gone', { alive: () => false }, 'process 4242, which served it, is gone'],
    ['there is no such file', { env: { TUTTI_DATA_DIR: 'elsewhere' } }, 'nothing is running in'],
  ])('says what is wrong and how to start it when %s', async (_case, extra, message) => {
    const { exitCode, out, err } = await harness.tutti(['runs'], extra);
    expect([exitCode, out]).toEqual([3, '']);
    expect(err).toContain(message);
    expect(err).toContain('tutti up');
  });

  it('does not take another server for Tutti', async () => {
    await writeFile(join(harness.cwd, '.tutti', 'server.json'), JSON.stringify({ url: `${harness.server.url}/health`, pid: 4242 }));
    expect(await harness.tutti(['runs'])).toMatchObject({ exitCode: 3, err: expect.stringContaining('does not answer as Tutti') });
  });

  it('prefers a named address and token, and sends the folder’s token to no other machine', async () => {
    expect(await harness.tutti(['runs'], { env: { TUTTI_ADDRESS: harness.server.url, TUTTI_API_KEY: 'wrong' } })).toMatchObject({
      exitCode: 7,
      err: expect.stringContaining('UNAUTHENTICATED'),
    });
    const seen: RequestInit[] = [];
    const fetchFake = ((_url: string, init: RequestInit) => {
      seen.push(init);
      return Promise.resolve(new Response('{"runs":[]}'));
    }) as unknown as typeof fetch;
    expect((await harness.tutti(['runs', '--url', 'https://tutti.example'], { fetch: fetchFake })).exitCode).toBe(0);
    expect(seen[0]?.headers).not.toHaveProperty('authorization');
  });
});

describe('the command line', () => {
  it.each([
    [[]],
    [['foo']],
    [['runs', '--limit', 'x']],
    [['runs', '--status', 'odd']],
    [['watch']],
    [['runs', '-o', 'xml']],
    [['help', 'foo']],
    [['run', 'demo', '--input', 'x']],
  ])('ends with 2 for %p, with nothing on standard output', async (line) => {
    expect(await harness.tutti(line)).toMatchObject({ exitCode: 2, out: '' });
  });

  it('has examples in the help of every command', async () => {
    const { out } = await harness.tutti(['help']);
    const commands = [...out.slice(out.indexOf('Commands:')).matchAll(/^ {2}([a-z-]+)/gm)].map((match) => match[1] ?? '');
    expect(commands.length).toBeGreaterThan(15);
    for (const command of commands) expect((await harness.tutti([command, '--help'])).out).toContain('Examples:');
  });

  it('takes the global options before and behind the command', async () => {
    harness.server.addRun('run1', SUCCEEDED);
    for (const line of [
      ['--json', 'runs'],
      ['runs', '--json'],
      ['runs', '-o', 'json'],
    ])
      expect(JSON.parse((await harness.tutti(line)).out)).toHaveProperty('runs');
  });

  it('says what went wrong as JSON on standard error with --json', async () => {
    const { out, err } = await harness.tutti(['show', 'ghost', '--json']);
    expect(out).toBe('');
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'RUN_NOT_FOUND', exitCode: 4 } });
  });
});
