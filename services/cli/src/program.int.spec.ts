import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isNoun, type CommandDefinition } from './command.js';
import { COMMAND_TABLE } from './command-table.js';
import { pathOf, resolveLine } from './line/resolve-line.js';
import { problem } from './testing/fake-server.js';
import { SUCCEEDED, startProgramHarness, type ProgramHarness } from './testing/program-harness.js';

const entries = COMMAND_TABLE.flatMap((section) => section.entries);
const nouns = entries.filter(isNoun);

function everyCommand(): readonly (readonly [string, CommandDefinition])[] {
  return entries.flatMap((entry) =>
    isNoun(entry) ? entry.commands.map((command) => [pathOf(entry, command), command] as const) : [[entry.name, entry] as const],
  );
}

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
    [['doctor', '-o', 'name']],
    [['run', 'list', '--columns', 'odd']],
    [['run', 'list', 'too', 'much']],
  ])('ends with 2 for %p, with nothing on standard output', async (line) => {
    expect(await harness.tutti(line)).toMatchObject({ exitCode: 2, out: '' });
  });

  it.each(everyCommand())('has examples and every flag in the help of: %s', async (path, { args = [], flags = [], examples }) => {
    const { exitCode, out } = await harness.tutti([...path.split(' '), '--help']);
    expect(exitCode).toBe(0);
    for (const { name } of args) expect(out).toContain(name);
    for (const flag of flags) expect(out).toContain(flag.flags);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(out).toContain(`$ ${example}`);
    expect((await harness.tutti(['help', ...path.split(' ')])).out.trimEnd()).toBe(out.trimEnd());
  });

  it.each(everyCommand())('has only examples that are lines of a command, of: %s', (_path, { examples }) => {
    for (const example of examples)
      for (const [, line = ''] of example.matchAll(/(?:^|[|(] ?|-n1 )tutti ([^|<)]*)/g))
        expect(resolveLine(COMMAND_TABLE, line.trim().split(' '))).toMatchObject({ kind: 'command', nearMiss: null });
  });

  it.each(nouns)(
    'has its verbs in the help of the noun $name, which singular and plural mean alike',
    async ({ name, plural, commands }) => {
      const { exitCode, out } = await harness.tutti([name, '--help']);
      expect([exitCode, (await harness.tutti(['help', name])).out]).toEqual([0, out]);
      for (const command of commands) {
        expect(out).toMatch(new RegExp(`^ {2}${command.name}\\b.*${command.summary.slice(0, 20)}`, 'm'));
        const words = ['--wide', name, '--json', command.name];
        expect(resolveLine(COMMAND_TABLE, words)).toEqual(resolveLine(COMMAND_TABLE, ['--wide', plural, '--json', command.name]));
        expect(resolveLine(COMMAND_TABLE, words)).toMatchObject({ kind: 'command', command, rest: ['--wide', '--json'], implied: false });
      }
    },
  );

  it('has every noun and command in its help', async () => {
    const { exitCode, out } = await harness.tutti(['help']);
    expect(exitCode).toBe(0);
    for (const { name } of entries) expect(out).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
    expect(await harness.tutti(['--help'])).toMatchObject({ exitCode: 0, out });
    expect(await harness.tutti([])).toMatchObject({ exitCode: 2, err: out });
    expect((await harness.tutti(['-V'])).out).toBe('tutti 0.1.0\n');
  });

  it('says no word of the table twice', () => {
    const words = entries.flatMap((entry) =>
      isNoun(entry)
        ? [entry.name, entry.plural, ...entry.commands.flatMap(({ short = [] }) => short)]
        : [entry.name, ...(entry.aliases ?? [])],
    );
    expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
    for (const { commands } of nouns) {
      const verbs = commands.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
      expect(verbs.filter((verb, index) => verbs.indexOf(verb) !== index)).toEqual([]);
    }
  });

  it.each([
    [['rnus'], 'unknown command "rnus"', 'did you mean tutti runs?'],
    [['aproval', 'list'], 'unknown command "aproval"', 'did you mean tutti approval?'],
    [['agent', 'lsit'], 'unknown command "agent lsit"', 'did you mean tutti agent list?'],
    [['workflows', 'regsiter', 'x.yaml'], 'unknown command "workflows regsiter"', 'did you mean tutti workflows register?'],
    [['run', 'list', '--statsu', 'failed'], "unknown option '--statsu'", 'Did you mean --status?'],
    [['run', 'get', 'run1', '-o', 'name,json'], 'name,json', 'tutti run get --help'],
    [['xyzzy'], 'unknown command "xyzzy"', '`tutti help` lists the commands'],
  ])('says for %p what was meant', async (line, message, hint) => {
    const { exitCode, out, err } = await harness.tutti(line);
    expect([exitCode, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(err).toContain(hint);
    expect(err).toContain('(USAGE)');
  });

  it('says that a workflow which is not there may have been meant as a verb', async () => {
    harness.server.on('POST', '/v1/runs', () => problem(404, 'WORKFLOW_NOT_FOUND', 'there is no workflow "lst"'));
    const { exitCode, err } = await harness.tutti(['run', 'lst', '--no-watch']);
    expect(exitCode).toBe(4);
    expect(err).toContain('did you mean tutti run list?');
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
