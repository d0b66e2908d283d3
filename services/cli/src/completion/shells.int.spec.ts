import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SUCCEEDED } from '../testing/program-harness.js';
import { startFakeServer, type FakeServer } from '../testing/fake-server.js';
import { SHELLS, type Shell } from './scripts.js';

const packageDir = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const root = dirname(dirname(packageDir));

/** What is typed up to the Tab, and what stands there afterwards. */
const TYPED: readonly (readonly [typed: string, completed: string])[] = [
  ['tutti doc', 'tutti doctor'],
  ['tutti run li', 'tutti run list'],
  ['tutti run list --status fai', 'tutti run list --status failed'],
  ['tutti run list --status=fai', 'tutti run list --status=failed'],
  ['tutti run logs run', 'tutti run logs run1'],
  ['tutti run order-', 'tutti run order-review'],
  ['tutti approve app', 'tutti approve approval7'],
  ['tutti agent describe be', 'tutti agent describe bee'],
  ['tutti whoami --profile pro', 'tutti whoami --profile prod'],
  ['tutti workflow register defi', 'tutti workflow register definition.yaml'],
];

let server: FakeServer;
let folder: string;
beforeAll(async () => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs'), 'cli'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`build failed: ${stderr}`);
  server = await startFakeServer();
  server.addRun('run1', SUCCEEDED);
  server.addApproval('approval7', { runId: 'run1', title: 'Is the plan right?', payload: 1 });
  server.on('GET', '/v1/workflows', () => ({ json: { workflows: [{ name: 'order-review', description: 'reviews orders' }] } }));
  server.on('GET', '/v1/agents', () => ({ json: { agents: [{ profile: { name: 'bee', role: 'worker' } }] } }));
  folder = mkdtempSync(join(tmpdir(), 'tutti-completion-'));
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'definition.yaml'), '');
  writeFileSync(join(folder, 'config.toml'), '[profile.prod]\naddress = "http://127.0.0.1:9"\n');
  writeFileSync(join(folder, 'bin', 'tutti'), `#!/bin/sh\nexec "${process.execPath}" "${join(packageDir, 'bin', 'tutti.mjs')}" "$@"\n`);
  chmodSync(join(folder, 'bin', 'tutti'), 0o755);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function run(command: string, args: readonly string[], input: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: folder,
      timeout: 40_000,
      env: {
        PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
        ...{ HOME: folder, TERM: 'xterm', LANG: 'C.UTF-8', INPUTRC: '/dev/null' },
        ...{ TUTTI_ADDRESS: server.url, TUTTI_API_KEY: 'secret-token', TUTTI_CLI_CONFIG_FILE: join(folder, 'config.toml') },
        ...more,
      },
    });
    let out = '';
    child.stdout.on('data', (data: Buffer) => (out += data.toString()));
    child.stderr.on('data', (data: Buffer) => (out += data.toString()));
    child.on('error', reject);
    child.on('close', () => resolve(out));
    child.stdin.end(input);
  });
}

/** Ctrl-A goes to the beginning of the line: it is printed instead of run. */
const PRINT = '\u0001echo GOT ';

/** What an interactive shell on a terminal of its own makes of lines that end with Tab. */
async function onTerminal(shell: string, setUp: string, typed: readonly string[]): Promise<readonly string[]> {
  const input = `${setUp}\n${typed.map((line) => `${line}\t${PRINT}\n`).join('')}exit\n`;
  const out = await run('script', ['-qec', shell, '/dev/null'], input);
  return [...out.matchAll(/^(?:\u001b\[\S*?[a-z]|\r)*GOT (tutti.*?)\s*$/gm)].map(([, line = '']) => line);
}

const COMPLETED: Readonly<Record<Shell, (typed: readonly string[]) => Promise<readonly string[]>>> = {
  bash: (typed) => onTerminal('bash --norc --noprofile -i', 'PS1=; source <(tutti completion bash)', typed),
  zsh: (typed) =>
    onTerminal(
      'zsh -f -i',
      'PS1=; autoload -Uz compinit; compinit -u -D; bindkey "^A" beginning-of-line; source <(tutti completion zsh)',
      typed,
    ),
  // It says itself what it would put in place of the last word.
  async fish(typed) {
    const asked = typed.map((line) => `complete -C ${JSON.stringify(line)}; echo END`).join('\n');
    const out = await run('fish', ['--no-config', '-c', `tutti completion fish | source\n${asked}`], '');
    const words = out.split('END\n').map((part) => part.trim().split('\t')[0] ?? '');
    return typed.map((line, index) => line.replace(/\S*$/, words[index] ?? ''));
  },
};

describe.each(SHELLS)('completion in a real %s', (shell) => {
  const isThere = spawnSync(shell, ['--version']).status === 0 && (shell === 'fish' || spawnSync('script', ['--version']).status === 0);

  if (isThere)
    it('finishes commands, flags, choices, files, and what the system has', async () => {
      const typed = TYPED.map(([line]) => line);
      expect(await COMPLETED[shell](typed)).toEqual(TYPED.map(([, line]) => line));
    }, 60_000);
  else
    it(`did not run: ${shell}, or a terminal for it by script(1), is not installed here`, () => {
      process.stderr.write(`completion in ${shell} was not tried: it is not installed\n`);
      expect([spawnSync(shell, ['--version']).status, spawnSync('script', ['--version']).status]).not.toEqual([0, 0]);
    });
});

describe('what a shell asks for', () => {
  const ask = (words: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<string> =>
    run(join(folder, 'bin', 'tutti'), ['__complete', '--', ...words], '', more);

  it('is answered with what is said of each candidate, and what the shell adds itself', async () => {
    expect(await ask(['run', 'get', 'r'])).toBe('run1\tdemo succeeded\n:end\n');
    expect(await ask(['backup', ''])).toBe(':folders\n');
    expect(await ask(['run', 'list', '--status=f'])).toBe('--status=failed\n:end\n');
  });

  it.each([
    ['nothing runs', { TUTTI_ADDRESS: '', TUTTI_DATA_DIR: 'ghost' }],
    ['nobody answers', { TUTTI_ADDRESS: 'http://127.0.0.1:9' }],
    ['the key is not known', { TUTTI_API_KEY: 'wrong' }],
    ['the configuration is broken', { TUTTI_CLI_CONFIG_FILE: '/dev/null/x', TUTTI_PROFILE: 'ghost' }],
  ])('is answered with nothing, and silence, when %s', async (_case, more) => {
    expect(await ask(['run', 'get', ''], more)).toBe(':end\n');
  });

  it('is answered in time when the server is not', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = silent.address() as AddressInfo;
      expect(await ask(['run', 'get', ''], { TUTTI_ADDRESS: `http://127.0.0.1:${port}` })).toBe(':end\n');
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });
});
