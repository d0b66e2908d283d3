import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Cancel } from '@tutti/kernel';
import { createSystemRuntime } from '@tutti/client/http';
import { wholeRun } from './testing/run-story.js';

const { timers } = createSystemRuntime();
const packageDir = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(dirname(packageDir));

/** A copy of the built program beside a standalone process of the test's own; below node_modules, where its dependencies are found. */
let installed = '';
let dataDir = '';

beforeAll(() => {
  const build = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs'), 'kernel', 'client', 'cli'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (build.status !== 0) throw new Error(`build failed: ${build.stderr}`);
  mkdirSync(join(packageDir, 'node_modules', '.cache'), { recursive: true });
  installed = mkdtempSync(join(packageDir, 'node_modules', '.cache', 'built-cli-'));
  for (const part of ['bin', 'dist', 'package.json']) cpSync(join(packageDir, part), join(installed, part), { recursive: true });
  for (const part of ['dist', 'package.json'])
    cpSync(join(root, 'libs', 'kernel', part), join(installed, 'node_modules', '@tutti', 'kernel', part), { recursive: true });
  const standalone = join(installed, 'node_modules', '@tutti', 'standalone');
  mkdirSync(join(standalone, 'dist'), { recursive: true });
  writeFileSync(join(standalone, 'package.json'), JSON.stringify({ name: '@tutti/standalone', version: '0.0.0', type: 'module' }));
  writeFileSync(join(standalone, 'dist', 'main.js'), STANDALONE);
});
afterAll(() => rmSync(installed, { recursive: true, force: true }));
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'tutti-cli-built-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const EVENTS = wholeRun().events;

/**
 * Serves one run over the real protocol, as far as a run that has ended needs it. Modes by environment variable: `ended` answers the whole
 * run, `endless` never ends it, `broken` exits before it is ready, `deaf` ignores SIGTERM.
 */
const STANDALONE = `
import { createServer } from 'node:http';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
const mode = process.env.FAKE_MODE;
const args = process.argv.slice(2);
const dir = args[args.indexOf('--data-dir') + 1];
writeFileSync(join(dir, 'seen.json'), JSON.stringify({ pid: process.pid, args }));
if (mode === 'broken') { console.error('the disk is on fire'); process.exit(9); }
const events = ${JSON.stringify(EVENTS)};
const shown = mode === 'ended' ? events : events.slice(0, 2);
const position = shown.at(-1).position;
const run = { id: 'run1', position, workflow: 'demo', status: mode === 'ended' ? 'succeeded' : 'running', steps: [{ id: 'plan' }], outputs: { answer: 42 } };
const server = createServer((request, response) => {
  const path = new URL(request.url, 'http://x').pathname;
  const body = path === '/version' ? { name: 'tutti', version: '1' } : request.method === 'POST' ? { runId: 'run1', position: 10, created: true } : path.startsWith('/health') ? { status: 'ok' } : { run };
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(body));
});
const feeds = new WebSocketServer({ noServer: true, handleProtocols: () => 'tutti.v1' });
server.on('upgrade', (request, socket, head) => feeds.handleUpgrade(request, socket, head, (feed) => feed.on('message', (text) => {
  const { type, id } = JSON.parse(text);
  if (type !== 'subscribe') return;
  for (const event of shown) feed.send(JSON.stringify({ type: 'event', id, event }));
  feed.send(JSON.stringify({ type: 'caught-up', id, position }));
})));
server.listen(0, '127.0.0.1', () => {
  const url = 'http://127.0.0.1:' + server.address().port;
  writeFileSync(join(dir, 'server.json'), JSON.stringify({ url, pid: process.pid }));
  console.log('ready ' + url);
});
const stop = (signal) => {
  writeFileSync(join(dir, 'stopped.json'), JSON.stringify(signal));
  if (mode === 'deaf') return;
  rmSync(join(dir, 'server.json'), { force: true });
  process.exit(mode === 'up' ? 7 : 0);
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
`;

/** A signal sent once the text was printed; again and again with `every`, in milliseconds. */
interface Sent {
  readonly seen: string;
  readonly send: NodeJS.Signals;
  readonly every?: number;
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function tutti(args: readonly string[], mode: string, ...signals: readonly Sent[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(installed, 'bin', 'tutti.mjs'), ...args, '--data-dir', dataDir], {
      env: { FAKE_MODE: mode },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 25_000,
      killSignal: 'SIGKILL',
    });
    let [out, err] = ['', ''];
    const left = [...signals];
    let stopSending: Cancel = () => {};
    const sendAgain = (signal: NodeJS.Signals, everyMs: number): void => {
      child.kill(signal);
      stopSending = timers.after(everyMs, () => sendAgain(signal, everyMs));
    };
    const look = (): void => {
      const [next] = left;
      if (next === undefined || !(out + err).includes(next.seen)) return;
      left.shift();
      if (next.every === undefined) child.kill(next.send);
      else sendAgain(next.send, next.every);
    };
    child.stdout.on('data', (data: Buffer) => ((out += data.toString()), look()));
    child.stderr.on('data', (data: Buffer) => ((err += data.toString()), look()));
    child.on('error', reject);
    child.on('close', (code) => {
      stopSending();
      resolve({ code, out, err });
    });
  });
}

function seen(): { readonly pid: number; readonly args: readonly string[] } {
  return JSON.parse(readFileSync(join(dataDir, 'seen.json'), 'utf8')) as { readonly pid: number; readonly args: readonly string[] };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the built program', () => {
  it('prints its version', async () => {
    expect(await tutti(['version', '--json'], 'ended')).toMatchObject({ code: 0, out: expect.stringContaining('"server": null') });
  });

  it('brings a system up for a run, and takes it down again', async () => {
    const { code, out, err } = await tutti(['run', 'demo', '--json'], 'ended');
    expect(JSON.parse(out)).toMatchObject({ run: { outputs: { answer: 42 } } });
    expect(code).toBe(0);
    expect(err).toContain('bringing a system up for this run');
    expect(seen().args).toEqual(['--data-dir', dataDir, '--port', '0', '--no-demo']);
    expect(isAlive(seen().pid)).toBe(false);
    expect(existsSync(join(dataDir, 'server.json'))).toBe(false);
    expect(readFileSync(join(dataDir, 'cli-system.log'), 'utf8')).toContain('ready http://');
  });

  it('leaves no process behind when it is interrupted, and says that the run goes on later', async () => {
    const { code, err } = await tutti(['run', 'demo'], 'endless', { seen: 'step plan started', send: 'SIGINT' });
    expect(code).toBe(130);
    expect(err).toContain('goes on with the next `tutti up`');
    expect(isAlive(seen().pid)).toBe(false);
    expect(readFileSync(join(dataDir, 'stopped.json'), 'utf8')).toBe('"SIGTERM"');
  });

  it('leaves no process behind when the system does not hear and the user interrupts again', async () => {
    const { code } = await tutti(
      ['run', 'demo'],
      'deaf',
      { seen: 'step plan started', send: 'SIGINT' },
      // Within half a second two signals are one, so it takes as many as it takes.
      { seen: 'taking the system down', send: 'SIGINT', every: 100 },
    );
    expect(code).toBe(130);
    expect(isAlive(seen().pid)).toBe(false);
  });

  it('says what the log said last when the system could not start', async () => {
    const { code, err } = await tutti(['run', 'demo'], 'broken');
    expect(code).toBe(3);
    expect(err).toContain('exit code 9');
    expect(err).toContain('the disk is on fire');
    expect(isAlive(seen().pid)).toBe(false);
  });

  it('runs the system in the foreground with up, hands signals on and ends with its code', async () => {
    const { code, out } = await tutti(['up', '--port', '4999', '--demo', '--ask'], 'up', { seen: 'ready http://', send: 'SIGINT' });
    expect(out).toContain('ready http://');
    expect(code).toBe(7);
    expect(seen().args).toEqual(['--data-dir', dataDir, '--port', '4999', '--demo', '--ask']);
    expect(readFileSync(join(dataDir, 'stopped.json'), 'utf8')).toBe('"SIGINT"');
  });
});

describe('the README', () => {
  it('has the exit codes as the program prints them', async () => {
    const { out } = await tutti(['help', 'exit-codes', '--json'], 'ended');
    const rows = (JSON.parse(out) as readonly { readonly code: number; readonly meaning: string }[]).map(
      ({ code, meaning }) => `| ${code} | ${meaning} |`,
    );
    const readme = readFileSync(join(packageDir, 'README.md'), 'utf8').replace(/ +\|/g, ' |').replace(/\| +/g, '| ');
    expect(readme).toContain(rows.join('\n'));
  });
});
