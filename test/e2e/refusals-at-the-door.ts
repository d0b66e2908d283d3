import { connect } from 'node:net';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Standalone, type Answer } from '../product/standalone-process.js';
import { until } from '../product/waiting.js';

export type Ways = Readonly<Record<string, () => Promise<string>>>;

export function codeOf({ status, headers, json }: Answer): string {
  if (!/^application\/problem\+json\b/.test(String(headers['content-type'])) || json['status'] !== status)
    throw new Error(`no problem: ${status} ${JSON.stringify(json)}`);
  return String(json['code']);
}

/** Codes of single requests, in whatever state the system is. */
export function refusalsAtTheDoor(system: () => Standalone): Ways {
  const asked = (...call: Parameters<Standalone['call']>) =>
    system()
      .call(...call)
      .then(codeOf);
  return {
    INVALID_REQUEST: () => asked('POST', '/v1/runs', { body: {} }),
    DEFINITION_INVALID: () => asked('POST', '/v1/workflows', { body: { name: 'No Name', steps: {} } }),
    INPUT_INVALID: () => asked('POST', '/v1/runs', { body: { workflow: 'architecture-design', inputs: { prd: 7 } } }),
    UNAUTHENTICATED: () => asked('GET', '/v1/runs', { headers: { authorization: 'Bearer somebody-elses-token' } }),
    ORIGIN_REFUSED: () => asked('GET', '/v1/runs', { headers: { origin: 'https://elsewhere.example' } }),
    RATE_LIMITED: async () => {
      await system().call('GET', '/v1/schemas/workflow');
      return asked('GET', '/v1/schemas/workflow');
    },
    ROUTE_NOT_FOUND: () => asked('GET', '/v1/nothing'),
    METHOD_NOT_ALLOWED: () => asked('DELETE', '/v1/runs'),
    PERMISSION_DENIED: async () => {
      const { secret } = await aKey(system(), { name: 'only-looks', role: 'viewer' });
      return asked('POST', '/v1/runs', { body: { workflow: 'architecture-design' }, headers: { authorization: `Bearer ${secret}` } });
    },
    KEY_NOT_FOUND: () => asked('GET', '/v1/access/keys/nothing'),
    KEY_EXISTS: async () => {
      await aKey(system(), { name: 'twice', role: 'viewer' });
      return asked('POST', '/v1/access/keys', { body: { name: 'twice', role: 'viewer' } });
    },
    KEY_REVOKED: async () => {
      const { id } = await aKey(system(), { name: 'ended', role: 'viewer' });
      await system().call('POST', `/v1/access/keys/${id}/revoke`, { body: {} });
      return asked('POST', `/v1/access/keys/${id}/rotate`, { body: {} });
    },
    WORKFLOW_NOT_FOUND: () => asked('GET', '/v1/workflows/nothing'),
    RUN_NOT_FOUND: () => asked('GET', '/v1/runs/nothing'),
    SCHEDULE_NOT_FOUND: () => asked('GET', '/v1/schedules/nothing'),
    HOOK_NOT_FOUND: () =>
      asked('POST', '/v1/hooks/nothing', {
        body: {},
        headers: { 'webhook-id': '1', 'webhook-timestamp': '1', 'webhook-signature': 'v1,' },
      }),
    APPROVAL_NOT_FOUND: () => asked('GET', '/v1/approvals/nothing'),
    AGENT_NOT_FOUND: () => asked('GET', '/v1/agents/nobody'),
    PAYLOAD_TOO_LARGE: () => asked('POST', '/v1/workflows', { body: 'x'.repeat(65_537) }),
    CONTENT_TYPE_UNSUPPORTED: () =>
      asked('POST', '/v1/runs', { body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
    SERVICE_NOT_FOUND: () => asked('POST', '/v1/services/nobody/renew', { body: {} }),
    LEASE_EXPIRED: async () => {
      await system().call('POST', '/v1/services', { body: { id: 'short-lived', service: 'probe', version: '1', leaseMs: 1_000 } });
      return until('the lease to run out', async () => {
        const { instances } = (await system().call('GET', '/v1/services?health=expired')).json as {
          readonly instances: readonly { readonly id: string }[];
        };
        return instances.some(({ id }) => id === 'short-lived') ? asked('POST', '/v1/services/short-lived/renew', { body: {} }) : null;
      });
    },
    SHUTTING_DOWN: startWhileStopping,
  };
}

async function aKey(system: Standalone, body: unknown): Promise<{ readonly id: string; readonly secret: string }> {
  const { json } = await system.call('POST', '/v1/access/keys', { body });
  return { id: (json['key'] as { readonly id: string }).id, secret: String(json['secret']) };
}

/** A change that arrives on an open connection once the system is going down. */
async function startWhileStopping(): Promise<string> {
  const system = await Standalone.start();
  const socket = connect(Number(new URL(system.url).port), '127.0.0.1');
  let answers = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answers += text));
  const closed = new Promise((resolve, reject) => socket.once('close', resolve).once('error', reject));
  const head = `Host: localhost\r\nAuthorization: Bearer ${system.token}\r\n`;
  // Waits for a position that never comes, and so keeps the connection busy while the system goes down.
  socket.write(`GET /v1/runs?minPosition=1000000 HTTP/1.1\r\n${head}\r\n`);
  // Answered after that one has begun: it was sent later on a connection of its own.
  await system.call('GET', '/version');
  system.program.signal('SIGTERM');
  await until('the farewell', async () => (existsSync(join(system.dataDir, 'server.json')) ? null : true));
  socket.write(`POST /v1/runs HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`);
  await closed;
  await system.stop();
  return /"code":"(\w+)"[^{]*$/.exec(answers)?.[1] ?? answers;
}
