import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endOfRun, installProbe, pendingApproval, startProbe } from './probe-agent.js';
import { buildProduct } from '../product/build.js';
import { cleanUp, Standalone, temporaryFolder, tutti } from '../product/standalone-process.js';
import { until } from '../product/waiting.js';

const LIMIT_MS = 120_000;

beforeAll(buildProduct, LIMIT_MS);
afterAll(cleanUp);

interface Key {
  readonly id: string;
  readonly authorization: string;
}

async function makeKey(system: Standalone, name: string, role: string): Promise<Key> {
  const { json } = await system.call('POST', '/v1/access/keys', { body: { name, role } });
  return { id: (json['key'] as { readonly id: string }).id, authorization: `Bearer ${String(json['secret'])}` };
}

/** A request as the page sends it. */
function fromPage(system: Standalone, cookie: string, method: string, path: string, body?: object): Promise<Response> {
  const headers = { cookie, 'sec-fetch-site': 'same-origin', ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  return fetch(`${system.url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

describe('people and programs with credentials of their own', () => {
  it(
    'do what they may under their own names, stay known over a restart, and are all in the audit',
    async () => {
      const folder = temporaryFolder();
      const config = { workers: installProbe(folder) };
      let system = await Standalone.start({ folder, config });
      const [deploy, gone] = [await makeKey(system, 'deploy', 'operator'), await makeKey(system, 'gone', 'admin')];
      await system.call('POST', `/v1/access/keys/${gone.id}/revoke`, { body: { reason: 'left' } });
      const signedIn = await system.call('POST', '/v1/access/session', { body: { actor: 'user:board' } });
      const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';

      const gates = [{ name: 'sign-off', type: 'approval', title: 'Is it right?', approvers: ['user:board'] }];
      const runId = await startProbe(system, 'for-the-board', { capability: 'probe.echo', gates });
      const { id, payloadHash } = await pendingApproval(system, runId);
      await system.stop();
      system = await Standalone.start({ folder, config });

      const approve = `/v1/approvals/${id}/approve`;
      const byKey = (method: string, path: string, { authorization }: Key, body?: object) =>
        system.call(method, path, { headers: { authorization }, ...(body === undefined ? {} : { body }) });
      expect(await byKey('GET', '/v1/access/me', gone)).toMatchObject({ status: 401 });
      expect(await byKey('POST', approve, deploy, { payloadHash })).toMatchObject({ status: 403, json: { code: 'NOT_AN_APPROVER' } });
      const approved = await fromPage(system, cookie, 'POST', approve, { payloadHash });
      expect(approved.status).toBe(200);
      expect(await endOfRun(system, runId)).toMatchObject({ status: 'succeeded' });
      expect(await byKey('POST', '/v1/workflows', deploy, {})).toMatchObject({ status: 403, json: { code: 'PERMISSION_DENIED' } });

      const wanted = ['ApiKeyCreated', 'ApiKeyRevoked', 'SessionStarted', 'RunStarted', 'ApprovalDecided', 'AccessRefused'];
      const found = await until('the audit', async () => {
        const { json } = await system.call('GET', '/v1/audit');
        const entries = json['entries'] as readonly { readonly type: string; readonly actor: string }[];
        return wanted.every((type) => entries.some((entry) => entry.type === type)) ? entries : null;
      });
      const actorOf = (type: string) => found.find((entry) => entry.type === type)?.actor;
      expect(wanted.slice(2).map(actorOf)).toEqual(['user:board', 'user:local', 'user:board', 'service:gateway']);
      await system.stop();

      // The read model is what the events give, and what is in the log is whole.
      const { out } = await tutti(folder, 'doctor', '--json').ended;
      expect(out).toMatch(/hash chain whole.*10 projections equal what the events give/s);
    },
    LIMIT_MS,
  );

  it(
    'are enough to listen on an address that other machines reach, where a made-up token alone is not',
    async () => {
      const folder = temporaryFolder();
      const open = { gateway: { host: '0.0.0.0' } };
      const { program } = Standalone.launch({ folder, config: open });
      const refused = await program.ended;
      expect(refused.code).not.toBe(0);
      expect(`${refused.out}${refused.err}`).toContain('gateway.host');
      let system = await Standalone.start({ folder, config: {} });
      const key = await makeKey(system, 'first', 'admin');
      await system.stop();
      system = await Standalone.start({ folder, config: open });
      expect(await system.call('GET', '/v1/access/me', { headers: { authorization: key.authorization } })).toMatchObject({ status: 200 });
      await system.stop();
    },
    LIMIT_MS,
  );
});
