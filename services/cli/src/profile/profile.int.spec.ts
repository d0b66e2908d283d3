import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSystemRuntime } from '@tutti/client/http';
import { parse } from 'smol-toml';
import { startProgramHarness, type ProgramHarness } from '../testing/program-harness.js';

const CALLER = { actor: 'key:ci', role: 'operator', permissions: ['runs:read'], credential: { kind: 'key', id: 'k1' } };

let harness: ProgramHarness;
let file: string;
let env: Record<string, string>;
beforeEach(async () => {
  harness = await startProgramHarness();
  env = { XDG_CONFIG_HOME: join(harness.cwd, 'config') };
  file = join(harness.cwd, 'config', 'tutti', 'config.toml');
  harness.server.on('GET', '/v1/access/me', () => ({ json: { caller: CALLER } }));
});
afterEach(() => harness.close());

const config = async (): Promise<Record<string, unknown>> => parse(await readFile(file, 'utf8'));
const write = async (text: string, mode = 0o600): Promise<void> => {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  await chmod(file, mode);
};
const profileText = (): string => `current_profile = "prod"\n[profile.prod]\naddress = "${harness.server.url}"\napi_key = "secret-token"\n`;

describe('tutti login', () => {
  it('checks a key from standard input and keeps it for the owner alone', async () => {
    const { exitCode, out, err } = await harness.tutti(['login', '--profile', 'prod', '--url', harness.server.url], {
      env,
      input: 'secret-token\n',
    });
    expect([exitCode, err]).toEqual([0, '']);
    expect(out).toContain(`✓ key:ci, operator at ${harness.server.url}; kept as profile prod in ${file}`);
    expect(out).not.toContain('secret-token');
    expect(await config()).toEqual({
      current_profile: 'prod',
      profile: { prod: { address: harness.server.url, api_key: 'secret-token' } },
    });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    // Used from then on, by whatever does not name another.
    const runs = await harness.tutti(['run', 'list'], { env: { ...env, TUTTI_DATA_DIR: '' }, alive: () => false });
    expect(runs).toMatchObject({ exitCode: 0, out: 'no runs\n' });
  });

  it('asks on a terminal without showing the key, for the system of the data folder', async () => {
    const { exitCode } = await harness.tutti(['login'], { env, terminal: { columns: 100, rows: 30 }, answers: ['secret-token'] });
    expect(exitCode).toBe(0);
    expect(await config()).toMatchObject({ current_profile: 'default', profile: { default: { address: harness.server.url } } });
  });

  it('keeps nothing that the server does not know', async () => {
    const answer = () => ({ status: 401, json: { code: 'UNAUTHENTICATED', detail: 'the key is not known', retryable: false } });
    harness.server.on('GET', '/v1/access/me', answer);
    expect(await harness.tutti(['login'], { env, input: 'secret-token' })).toMatchObject({ exitCode: 7 });
    await expect(readFile(file)).rejects.toThrow('ENOENT');
  });

  it('takes a key from the command line with a warning only', async () => {
    const { exitCode, err } = await harness.tutti(['login', '--token', 'secret-token'], { env });
    expect(exitCode).toBe(0);
    expect(err).toContain('can be seen in the list of processes');
  });

  it.each([
    ['', 'no key was given'],
    ['two words', 'one line without blanks'],
    ['two\nlines', 'one line without blanks'],
  ])('refuses %p for a key', async (input, message) => {
    expect(await harness.tutti(['login'], { env, input })).toMatchObject({ exitCode: 2, err: expect.stringContaining(message) });
  });

  it('is undone by logout, which keeps the address', async () => {
    await write(profileText());
    expect((await harness.tutti(['logout'], { env })).out).toContain('profile prod has no key any more');
    expect(await config()).toEqual({ current_profile: 'prod', profile: { prod: { address: harness.server.url } } });
  });
});

describe('which system is meant', () => {
  const other = { TUTTI_ADDRESS: 'http://127.0.0.1:9' };

  it.each([
    ['flags before environment', ['--url', 'SERVER', '--token', 'secret-token'], { ...other, TUTTI_API_KEY: 'wrong' }, 0],
    ['environment before profile', [], { ...other }, 3],
    ['a named profile before the current one', ['--profile', 'nowhere'], {}, 3],
    ['TUTTI_PROFILE before the current one', [], { TUTTI_PROFILE: 'nowhere' }, 3],
    ['--profile before TUTTI_PROFILE', ['--profile', 'prod'], { TUTTI_PROFILE: 'nowhere' }, 0],
    ['the current profile before the data folder', [], { TUTTI_API_KEY: '' }, 0],
    ['a named data folder before the profile', ['--profile', 'nowhere', '--data-dir', '.tutti'], {}, 0],
  ])('is said by %s', async (_case, flags, more, exitCode) => {
    await write(`${profileText()}[profile.nowhere]\naddress = "http://127.0.0.1:9"\n`);
    const line = ['whoami', ...flags.map((flag) => (flag === 'SERVER' ? harness.server.url : flag))];
    // A data folder that is not named has no system that lives.
    const alive = (): boolean => line.includes('--data-dir');
    expect((await harness.tutti(line, { env: { ...env, ...more }, alive })).exitCode).toBe(exitCode);
  });

  it('sends the key of a profile to no other address', async () => {
    await write(profileText().replace(harness.server.url, 'https://tutti.example'));
    await harness.tutti(['whoami', '--url', harness.server.url, '--data-dir', 'empty'], { env });
    expect(harness.lastRequest('/v1/access/me')?.headers['authorization']).toBeUndefined();
  });

  it('says so with whoami', async () => {
    await write(profileText());
    const { out } = await harness.tutti(['whoami'], { env });
    expect(out).toMatch(
      /actor +key:ci\nrole +operator\nmay +runs:read\nby +key k1\nsystem +http.*\(from profile prod\)\nkey from +profile prod\n/,
    );
    expect((await harness.tutti(['whoami', '-o', 'name'], { env })).out).toBe('key:ci\n');
  });

  it('takes the key from the file that TUTTI_API_KEY_FILE names, and warns when others may read one’s own', async () => {
    const key = join(harness.cwd, 'key');
    await writeFile(key, 'secret-token\n', { mode: 0o600 });
    const from = { ...env, TUTTI_ADDRESS: harness.server.url, TUTTI_API_KEY_FILE: key };
    expect(await harness.tutti(['whoami'], { env: from })).toMatchObject({ exitCode: 0, err: '' });
    await chmod(key, 0o644);
    expect(await harness.tutti(['whoami'], { env: from })).toMatchObject({ exitCode: 0, err: expect.stringContaining('others may read') });
    expect(await harness.tutti(['whoami'], { env: { ...from, TUTTI_API_KEY_FILE: 'ghost' } })).toMatchObject({ exitCode: 5 });
  });
});

describe('the configuration file', () => {
  it.each([0o644, 0o640, 0o666])('is refused with mode %o when its key is to be used', async (mode) => {
    await write(profileText(), mode);
    const { exitCode, err } = await harness.tutti(['whoami'], { env });
    expect(exitCode).toBe(7);
    expect(err).toContain('CONFIG_UNSAFE');
    expect(err).toContain(`chmod 600 ${file}`);
    expect(harness.lastRequest('/v1/access/me')).toBeUndefined();
    // Whoever brings a key along needs none of it.
    expect((await harness.tutti(['whoami'], { env: { ...env, TUTTI_API_KEY: 'secret-token' } })).exitCode).toBe(0);
  });

  it('is named with its line when it is not TOML, or says what cannot be', async () => {
    await write('[profile.prod]\naddress = \n');
    const broken = await harness.tutti(['run', 'list'], { env });
    expect(broken.exitCode).toBe(5);
    expect(broken.err).toContain(`${file}:2:`);
    await write('[profile.prod]\naddress = 5\n');
    expect((await harness.tutti(['run', 'list'], { env })).err).toContain('profile.prod.address');
    // What needs no system goes on.
    expect((await harness.tutti(['help', 'profile'], { env })).exitCode).toBe(0);
  });

  it('is where TUTTI_CLI_CONFIG_FILE says, else below XDG_CONFIG_HOME, else below ~/.config', async () => {
    const set = ['profile', 'set', 'address', 'http://x', '--profile', 'a'];
    await harness.tutti(set, { env: { TUTTI_CLI_CONFIG_FILE: 'own.toml' } });
    await harness.tutti(set, { env: {}, home: join(harness.cwd, 'home') });
    await harness.tutti(set, { env });
    for (const path of ['own.toml', 'home/.config/tutti/config.toml', 'config/tutti/config.toml'])
      expect(await readFile(join(harness.cwd, path), 'utf8')).toContain('[profile.a]');
  });

  it('keeps what a newer version wrote', async () => {
    await write('theme = "dark"\n[profile.prod]\naddress = "http://x"\nnamespace = "blue"\n');
    await harness.tutti(['profile', 'set', 'tls_ca', '/ca.pem', '--profile', 'prod'], { env });
    expect(await config()).toEqual({ theme: 'dark', profile: { prod: { address: 'http://x', namespace: 'blue', tls_ca: '/ca.pem' } } });
  });
});

describe('tutti profile', () => {
  it('lists, shows, uses, sets and removes profiles, and never prints a key', async () => {
    await write(`${profileText()}[profile.local]\ndata_dir = "/srv/tutti"\n`);
    expect((await harness.tutti(['profile', 'list'], { env })).out).toMatch(/\* +prod +http\S+ +…\n +local +\/srv\/tutti +-\n/);
    expect((await harness.tutti(['profiles', '-o', 'name'], { env })).out).toBe('prod\nlocal\n');
    const shown = await harness.tutti(['profile', 'show', '-o', 'json'], { env });
    expect(JSON.parse(shown.out)).toEqual({ name: 'prod', address: harness.server.url, api_key: '…', file });
    await harness.tutti(['profile', 'use', 'local'], { env });
    await harness.tutti(['profile', 'set', 'api_key'], { env, input: 'another-long-secret' });
    expect((await harness.tutti(['profile', 'show'], { env })).out).toContain('…cret');
    await harness.tutti(['profile', 'set', 'api_key', '--unset'], { env });
    await harness.tutti(['profile', 'remove', 'prod'], { env });
    expect(await config()).toEqual({ current_profile: 'local', profile: { local: { data_dir: '/srv/tutti' } } });
  });

  it('says which profile may have been meant', async () => {
    await write(profileText());
    expect(await harness.tutti(['profile', 'use', 'prdo'], { env })).toMatchObject({
      exitCode: 4,
      err: expect.stringContaining('did you mean prod?'),
    });
    expect(await harness.tutti(['run', 'list', '--profile', 'prdo'], { env })).toMatchObject({ exitCode: 4 });
    expect(await harness.tutti(['profile', 'set', 'address', 'x', '--profile', 'no.name'], { env })).toMatchObject({ exitCode: 2 });
    expect(await harness.tutti(['profile', 'set', 'adress', 'x'], { env })).toMatchObject({ exitCode: 2 });
  });

  it('keeps commands on files of this machine away from the folder that a profile does not mean', async () => {
    await write(profileText());
    for (const line of [
      ['backup', 'x'],
      ['restore', 'x'],
    ])
      expect(await harness.tutti(line, { env })).toMatchObject({
        exitCode: 2,
        err: expect.stringContaining('profile prod means the system at'),
      });
  });
});

describe('tutti key', () => {
  const key = {
    id: 'k1',
    name: 'ci',
    actor: 'key:ci',
    role: 'operator',
    status: 'active',
    createdAt: '2026-01-01T12:00:00.000Z',
    createdBy: 'user:ann',
  };
  const issued = { key, secret: 'ttk_new-secret', position: 5 };

  beforeEach(() => {
    harness.server.on('POST', '/v1/access/keys', () => ({ status: 201, json: issued }));
    harness.server.on('POST', '/v1/access/keys/k1/rotate', () => ({ json: issued }));
    harness.server.on('POST', '/v1/access/keys/k1/revoke', () => ({ json: { position: 6 } }));
    harness.server.on('GET', '/v1/access/keys', () => ({ json: { keys: [key] } }));
    harness.server.on('GET', '/v1/access/keys/k1', () => ({ json: { key } }));
  });

  it('makes one and prints the secret alone on standard output', async () => {
    const { exitCode, out, err } = await harness.tutti(['key', 'create', 'ci', '--role', 'operator', '--expires-in', '30d']);
    expect([exitCode, out]).toEqual([0, 'ttk_new-secret\n']);
    expect(err).toContain('shown this once');
    const body = JSON.parse(harness.lastRequest('/v1/access/keys')?.body ?? '') as { readonly expiresAt: string };
    expect(body).toMatchObject({ name: 'ci', role: 'operator' });
    expect(Math.round((Date.parse(body.expiresAt) - createSystemRuntime().clock.now()) / 3_600_000)).toBe(30 * 24);
  });

  it('writes the secret into a new file of the owner, and sends nothing when it cannot', async () => {
    await harness.tutti(['key', 'create', 'ci', '--permission', 'runs:read', '--permission', 'events:read', '--out', 'ci.key']);
    expect(JSON.parse(harness.lastRequest('/v1/access/keys')?.body ?? '')).toEqual({
      name: 'ci',
      permissions: ['runs:read', 'events:read'],
    });
    expect(await readFile(join(harness.cwd, 'ci.key'), 'utf8')).toBe('ttk_new-secret\n');
    expect((await stat(join(harness.cwd, 'ci.key'))).mode & 0o777).toBe(0o600);
    const count = harness.server.requests.length;
    expect(await harness.tutti(['key', 'rotate', 'k1', '--out', 'ci.key'])).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('EEXIST'),
    });
    expect(harness.server.requests.slice(count).filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it('rotates the key of the profile in use, and keeps the new secret there', async () => {
    await write(profileText());
    expect((await harness.tutti(['key', 'rotate', 'k1', '--overlap', '2h', '--save'], { env })).out).toContain(
      'profile prod has the new secret',
    );
    expect(JSON.parse(harness.lastRequest('/v1/access/keys/k1/rotate')?.body ?? '')).toEqual({ overlapSeconds: 7200 });
    expect(await config()).toMatchObject({ profile: { prod: { api_key: 'ttk_new-secret' } } });
    expect(await harness.tutti(['key', 'rotate', 'k2', '--save'], { env: { ...env, TUTTI_API_KEY: 'secret-token' } })).toMatchObject({
      exitCode: 2,
    });
  });

  it('lists, shows and revokes', async () => {
    expect((await harness.tutti(['keys'])).out).toMatch(/k1 +ci +operator +active +never +never/);
    expect((await harness.tutti(['key', 'list', '--all', '-o', 'name'])).out).toBe('k1\n');
    expect(harness.lastRequest('/v1/access/keys')?.path).toContain('includeRevoked=true');
    expect((await harness.tutti(['key', 'get', 'k1'])).out).toMatch(/acts as +key:ci\n/);
    await harness.tutti(['key', 'revoke', 'k1', '--reason', 'leaked']);
    expect(harness.lastRequest('/v1/access/keys/k1/revoke')?.body).toBe('{"reason":"leaked"}');
  });

  it.each([
    [['key', 'create', 'ci']],
    [['key', 'create', 'ci', '--role', 'operator', '--permission', 'runs:read']],
    [['key', 'create', 'ci', '--role', 'king']],
  ])('ends with 2 for %p', async (line) => {
    expect(await harness.tutti(line)).toMatchObject({ exitCode: 2, out: '' });
  });
});
