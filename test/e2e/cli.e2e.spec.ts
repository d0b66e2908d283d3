import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildProduct } from '../product/build.js';
import { tuttiMain } from '../product/paths.js';
import { Program } from '../product/program.js';
import { cleanUp, Standalone, temporaryFolder, tutti } from '../product/standalone-process.js';
import { until } from '../product/waiting.js';
import { installProbe, pendingApproval } from './probe-agent.js';

const LIMIT_MS = 60_000;
const WORKFLOW = `name: asks
steps:
  probe:
    capability: probe.echo
    gates:
      - { name: sign-off, type: approval, title: Is it right? }
  after:
    capability: probe.echo
    needs: [probe]
`;

let system: Standalone;
beforeAll(buildProduct, LIMIT_MS);
beforeAll(async () => {
  const folder = temporaryFolder();
  system = await Standalone.start({ folder, config: { workers: installProbe(folder) } });
  writeFileSync(join(folder, 'asks.yaml'), WORKFLOW);
  await owner('workflow', 'register', 'asks.yaml');
}, LIMIT_MS);
afterAll(cleanUp);

/** Whoever installed it, on the machine of the data folder. */
async function owner(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await tutti(system.folder, ...args).ended;
  if (code !== 0) throw new Error(`tutti ${args.join(' ')} ended with ${code}: ${err}`);
  return out;
}

/** Somebody on another machine: nothing but a home folder. */
class Desk {
  readonly home = temporaryFolder();

  start(...args: readonly string[]): Program {
    return new Program([tuttiMain, ...args], { cwd: this.home });
  }

  async tutti(...args: readonly string[]) {
    return this.start(...args).ended;
  }

  /** With a key that comes through a pipe. */
  login(key: string, ...args: readonly string[]) {
    const env = { PATH: process.env['PATH'] ?? '', HOME: this.home };
    return spawnSync(process.execPath, [tuttiMain, 'login', ...args], {
      cwd: this.home,
      env,
      input: `${key}\n`,
      encoding: 'utf8',
      timeout: 30_000,
    });
  }
}

describe('a session of an operator, from a key to an approval', () => {
  const desk = new Desk();
  let keyId: string;
  let runId: string;

  it(
    'begins with a key that the owner makes, which is shown once',
    async () => {
      keyId = (await owner('key', 'create', 'ops', '--role', 'operator', '--expires-in', '7d', '--out', 'ops.key', '-o', 'name')).trim();
      expect(statSync(join(system.folder, 'ops.key')).mode & 0o777).toBe(0o600);
      expect(JSON.parse(await owner('key', 'get', keyId, '-o', 'json'))).toMatchObject({
        key: { name: 'ops', role: 'operator', status: 'active' },
      });
      expect(await owner('key', 'list', '-o', 'json')).not.toContain(readFileSync(join(system.folder, 'ops.key'), 'utf8').trim());
    },
    LIMIT_MS,
  );

  it(
    'logs in with it, and is told who that is',
    async () => {
      expect(desk.login('not-a-key', '--profile', 'prod', '--url', system.url)).toMatchObject({ status: 7 });
      const key = readFileSync(join(system.folder, 'ops.key'), 'utf8').trim();
      const { status, stdout, stderr } = desk.login(key, '--profile', 'prod', '--url', system.url);
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toContain('key:ops, operator');
      expect(statSync(join(desk.home, '.config', 'tutti', 'config.toml')).mode & 0o777).toBe(0o600);
      const { out } = await desk.tutti('whoami', '-o', 'json');
      expect(JSON.parse(out)).toMatchObject({ caller: { actor: 'key:ops', role: 'operator', credential: { id: keyId } }, profile: 'prod' });
    },
    LIMIT_MS,
  );

  it(
    'starts a run, finds it by its labels, and reads why it waits',
    async () => {
      const started = await desk.tutti('run', 'start', 'asks', '-l', 'team=blue', '-l', 'tier=gold', '--no-watch', '-o', 'name');
      expect(started).toMatchObject({ code: 0, err: '' });
      runId = started.out.trim();
      const found = (...flags: readonly string[]) => desk.tutti('run', 'list', ...flags, '-o', 'name');
      expect((await found('--label', 'team=blue', '--label', 'tier=gold', '--status', 'running')).out).toBe(`${runId}\n`);
      expect((await found('--label', 'team=blue', '--label', 'tier=tin')).out).toBe('');
      await pendingApproval(system, runId);
      expect((await desk.tutti('run', 'get', runId)).out).toContain('Is it right?');
      expect((await desk.tutti('run', 'why', runId, 'probe')).out).toContain('probe');
    },
    LIMIT_MS,
  );

  it(
    'follows the log while the approval is given, until the run has ended',
    async () => {
      const logs = desk.start('run', 'logs', runId, '-f');
      const tail = desk.start(
        'event',
        'tail',
        '--after',
        '0',
        '--category',
        'run',
        '--type',
        'RunSucceeded',
        '-o',
        'jsonl',
        '--limit',
        '1',
      );
      await logs.printed(/waits for approval: Is it right\?/);
      const waiting = await desk.tutti('approval', 'list', '--run', runId, '-o', 'name');
      const approved = await desk.tutti('approval', 'approve', waiting.out.trim(), '--yes', '--reason', 'seen');
      expect(approved).toMatchObject({ code: 0, out: expect.stringContaining('approved') });
      const { code, out } = await logs.ended;
      expect([code, out.trimEnd().split('\n').at(-1)]).toEqual([0, expect.stringContaining('run succeeded')]);
      expect(out).toContain('approved by key:ops: seen');
      const tailed = await tail.ended;
      expect(tailed.code).toBe(0);
      expect(JSON.parse(tailed.out)).toMatchObject({ stream: `run-${runId}`, type: 'RunSucceeded' });
      const ofStep = (await desk.tutti('run', 'logs', runId, '--step', 'after')).out.trim().split('\n');
      expect(ofStep.every((line) => line.includes('after'))).toBe(true);
      expect((await desk.tutti('run', 'watch', runId)).code).toBe(0);
    },
    LIMIT_MS,
  );

  it(
    'may not do what an operator may not, and is told so',
    async () => {
      writeFileSync(join(desk.home, 'asks.yaml'), WORKFLOW);
      for (const line of [
        ['workflow', 'register', 'asks.yaml'],
        ['key', 'list'],
        ['key', 'create', 'more', '--role', 'admin'],
      ]) {
        const { code, out, err } = await desk.tutti(...line);
        expect([line, code, out]).toEqual([line, 7, '']);
        expect(err).toContain('PERMISSION_DENIED');
        expect(err).toContain('tutti whoami');
      }
    },
    LIMIT_MS,
  );

  it(
    'is over when the owner revokes the key',
    async () => {
      const tail = desk.start('event', 'tail');
      await owner('key', 'revoke', keyId, '--reason', 'the shift is over');
      await until('the refusal', async () => ((await desk.tutti('run', 'list')).code === 7 ? true : null));
      expect((await tail.ended).code).toBe(7);
      expect(JSON.parse(await owner('key', 'get', keyId, '-o', 'json'))).toMatchObject({
        key: { status: 'revoked', revokeReason: 'the shift is over' },
      });
      expect((await desk.tutti('logout')).out).toContain('profile prod has no key any more');
    },
    LIMIT_MS,
  );
});

describe('an administrator', () => {
  it(
    'gives the key of the profile a new secret, and goes on with it',
    async () => {
      const desk = new Desk();
      const [secret = ''] = (await owner('key', 'create', 'boss', '--role', 'admin')).split('\n');
      expect(desk.login(secret, '--url', system.url).status).toBe(0);
      const { caller } = JSON.parse((await desk.tutti('whoami', '-o', 'json')).out) as {
        readonly caller: { readonly credential: { readonly id: string } };
      };
      expect(await desk.tutti('key', 'rotate', caller.credential.id, '--overlap', '0s', '--save')).toMatchObject({ code: 0 });
      expect((await desk.tutti('whoami', '-o', 'name')).out).toBe('key:boss\n');
      expect(desk.login(secret, '--profile', 'before', '--url', system.url).status).toBe(7);
    },
    LIMIT_MS,
  );
});
