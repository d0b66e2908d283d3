import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '@tutti/kernel';
import { freePort } from '../../scripts/parts/free-port.mjs';
import { Door } from '../chaos/door.js';
import { root } from '../product/paths.js';
import { cleanUp, temporaryFolder } from '../product/standalone-process.js';
import { eventually } from '../product/waiting.js';
import { ComposeProject, run, said } from './containers.js';

const LIMIT_MS = 900_000;
const STEP_LIMIT_MS = 180_000;
const OURS = ['gateway', 'coordinator', 'registry', 'agent-workers', 'metrics', 'self-improvement'];
const TOKEN = 'token-of-the-containers-0123456789';
const PRD = readFileSync(join(root, 'examples', 'clinic-scheduling', 'requirements.md'), 'utf8');
const IMAGE = 'tutti-stand-in/tutti:1';

beforeAll(async () => {
  await said(process.execPath, ['deploy/stand-ins/make.mjs', 'tutti', 'eventstoredb']);
}, LIMIT_MS);
afterAll(cleanUp);

describe('the image of the services', () => {
  it(
    'holds what services need and nothing that only building them does',
    async () => {
      const found = await inImage(
        'find libs services deploy -name node_modules -prune -o -type f -print; ls node_modules node_modules/@tutti; find / -xdev -name .git -prune -print',
      );
      expect(found).toEqual(expect.arrayContaining(OURS.map((name) => `services/${name}/dist/main.js`)));
      expect(found).toEqual(
        expect.arrayContaining(['services/standalone/dist/main.js', 'services/dashboard/dist/index.html', 'deploy/healthy.mjs']),
      );
      expect(found.filter((path) => /\.spec\.|\/src\/|\.map$|\.git$|\.ts$/.test(path))).toEqual([]);
      expect(found.filter((name) => ['jest', 'typescript', 'nx', 'eslint', 'vite', 'simulation', 'testing'].includes(name))).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'runs as a user who can write its data and nothing else',
    async () => {
      expect(
        await inImage('id -u; touch /app/x /usr/x /etc/x 2>/dev/null; ls /app/x /usr/x /etc/x 2>/dev/null; touch /data/x && echo kept'),
      ).toEqual(['1000', 'kept']);
    },
    LIMIT_MS,
  );

  async function inImage(script: string): Promise<readonly string[]> {
    return (await said('docker', ['run', '--rm', IMAGE, 'sh', '-c', `${script}; true`])).split('\n').map((line) => line.trim());
  }
});

describe.each([
  { profile: 'embedded', crashes: ['tutti'] },
  { profile: 'full', crashes: ['coordinator', 'agent-workers'] },
])('the profile "$profile" in containers', ({ profile, crashes }) => {
  const name = `tutti-test-${randomBytes(4).toString('hex')}`;
  const ours = profile === 'full' ? OURS : ['tutti'];
  const door = ours[0] ?? '';
  let project: ComposeProject;
  let url: string;
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const variables = {
      ...{ TUTTI_GATEWAY__TOKEN: TOKEN, TUTTI_SERVICES__SECRET: 'a secret of thirty-two characters or more', MONGO_PASSWORD: 'unused' },
      ...{ DOOR_PORT: port, PROMETHEUS_PORT: await freePort() },
    };
    project = new ComposeProject(name, profile, { folder: temporaryFolder(), variables });
    await project.up();
  }, LIMIT_MS);
  afterAll(() => project?.down(), LIMIT_MS);

  it(
    'is healthy throughout, without rights and on a root that nobody can write',
    async () => {
      const services = await project.services();
      expect(services).toEqual(expect.arrayContaining(ours));
      const health = await Promise.all(services.map(async (service) => [service, await project.health(service)] as const));
      expect(health).toEqual(services.map((service) => [service, 'healthy']));
      for (const service of ours) {
        expect((await project.inside(service, 'id', '-u')).out).toBe('1000\n');
        expect((await project.inside(service, 'sh', '-c', 'touch /app/x /x')).err).toMatch(
          /Read-only file system[^]*Read-only file system/,
        );
        expect((await project.inside(service, 'grep', 'CapEff', '/proc/self/status')).out).toMatch(/^CapEff:\s+0+\n$/);
      }
    },
    LIMIT_MS,
  );

  it(
    'carries a run through the published port, though containers crash while it waits for its approval',
    async () => {
      const id = await new Door(url, TOKEN).startRun('architecture-design', { prd: PRD }, 'one');
      const approval = await eventually('the approval is asked for', STEP_LIMIT_MS, async () => {
        const { approvals } = await call('/v1/approvals?status=pending');
        return (approvals as readonly JsonObject[])[0];
      });
      for (const service of crashes) await project.crash(service);
      await eventually('what crashed is healthy again', STEP_LIMIT_MS, async () => {
        const all = await Promise.all([...crashes, door].map((service) => project.health(service)));
        const again = await Promise.all(crashes.map((service) => project.restarts(service)));
        return all.every((health) => health === 'healthy') && again.every((count) => count === 1) ? true : undefined;
      });
      await call(`/v1/approvals/${encodeURIComponent(String(approval['id']))}/approve`, { payloadHash: approval['payloadHash'] ?? '' });
      expect(await new Door(url, TOKEN).outcome(id, STEP_LIMIT_MS)).toBe('succeeded');
    },
    LIMIT_MS,
  );

  it(
    'says in the log of each container what it does, and no credential',
    async () => {
      for (const service of ours) {
        const log = await project.log(service);
        expect({ service, log }).toEqual({ service, log: expect.stringMatching(/^ready /m) });
        expect({ service, log }).toEqual({ service, log: expect.stringContaining('"level":30') });
        expect(log).not.toContain(TOKEN);
      }
    },
    LIMIT_MS,
  );

  it(
    'ends in order when it is stopped, and leaves nothing when it is taken down',
    async () => {
      await project.stop();
      for (const service of ours)
        expect({ service, ...(await project.state(service)) }).toMatchObject({ service, ExitCode: 0, OOMKilled: false });
      await project.down();
      const label = `label=com.docker.compose.project=${name}`;
      const left = [
        await run('docker', ['ps', '--all', '--quiet', '--filter', label]),
        await run('docker', ['volume', 'ls', '--quiet', '--filter', label]),
        await run('docker', ['network', 'ls', '--quiet', '--filter', label]),
      ];
      expect(left.map(({ out }) => out)).toEqual(['', '', '']);
    },
    LIMIT_MS,
  );

  async function call(path: string, body?: JsonObject): Promise<JsonObject> {
    const response = await fetch(`${url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      signal: AbortSignal.timeout(20_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const json = (await response.json()) as JsonObject;
    if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${JSON.stringify(json)}`);
    return json;
  }
});
