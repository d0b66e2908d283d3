import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { installProbe, pendingApproval, startProbe } from './probe-agent.js';
import { buildProduct } from '../product/build.js';
import { startTinySmtpServer, type TinySmtpServer } from '../../services/coordinator/src/notifications/testing/tiny-smtp-server.js';
import { cleanUp, Standalone, temporaryFolder } from '../product/standalone-process.js';
import { until } from '../product/waiting.js';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const APPROVAL = { capability: 'probe.echo', gates: [{ name: 'sign-off', type: 'approval', title: 'Is it right?' }] };

interface Posted {
  readonly headers: IncomingHttpHeaders;
  readonly body: { readonly id: string; readonly type: string; readonly data: Readonly<Record<string, unknown>> };
}

let folder = '';
let system: Standalone;
let mail: TinySmtpServer;
let status = 204;
const posted: Posted[] = [];
const hooks = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += String(chunk)));
  request.on('end', () => {
    posted.push({ headers: request.headers, body: JSON.parse(body) as Posted['body'] });
    response.writeHead(status).end();
  });
});

beforeAll(async () => {
  buildProduct();
  await new Promise<void>((resolve) => hooks.listen(0, '127.0.0.1', resolve));
  mail = await startTinySmtpServer();
  folder = temporaryFolder();
  const url = `http://127.0.0.1:${(hooks.address() as AddressInfo).port}/hook`;
  const notifications = {
    publicUrl: 'https://tutti.example.com',
    retryMs: 200,
    maxAttempts: 2,
    channels: [
      { name: 'hooks', kind: 'webhook', url, secretEnv: 'HOOK_SECRET', allowPrivateAddresses: true },
      { name: 'mail', kind: 'smtp', host: '127.0.0.1', port: mail.port, requireTls: false, from: 'tutti@example.com' },
    ],
    rules: [
      { on: ['approval.requested', 'run.succeeded'], channel: 'hooks' },
      { on: ['approval.requested'], channel: 'mail', to: ['ann@example.com'] },
    ],
  };
  const config = { workers: installProbe(folder), coordinator: { notifications } };
  system = await Standalone.start({ folder, config, env: { HOOK_SECRET: SECRET } });
}, 120_000);
afterAll(async () => {
  await cleanUp();
  await mail.close();
  hooks.closeAllConnections();
  await new Promise((resolve) => hooks.close(resolve));
});

async function listed(query: string) {
  const { json } = await system.call('GET', `/v1/notifications?${query}`);
  return json['notifications'] as readonly Readonly<Record<string, unknown>>[];
}

describe('notifications of a running system', () => {
  it('reach an approver by webhook and mail, and say when the run has ended', async () => {
    const runId = await startProbe(system, 'asking', APPROVAL);
    const { id, payloadHash } = await pendingApproval(system, runId);
    await until('what the approver gets', () => Promise.resolve(posted.length === 1 && mail.mails.length === 1 ? true : null));
    expect(posted[0]?.headers).toMatchObject({ 'webhook-id': posted[0]?.body.id, 'webhook-signature': expect.stringMatching(/^v1,/) });
    expect(posted[0]?.body).toMatchObject({
      type: 'dev.tutti.approval.requested.v1',
      data: { runId, workflow: 'asking', approvalId: id, commands: [`tutti approve ${id}`, `tutti reject ${id}`] },
    });
    expect(mail.mails[0]).toMatchObject({ to: ['ann@example.com'], text: expect.stringContaining('Is it right?') });
    await system.call('POST', `/v1/approvals/${id}/approve`, { body: { payloadHash } });
    await until('the end', () => Promise.resolve(posted.length === 2 ? true : null));
    expect(posted[1]?.body).toMatchObject({ type: 'dev.tutti.run.succeeded.v1', data: { runId } });
    const sent = await until('what was sent', async () => {
      const found = await listed(`runId=${runId}&status=sent`);
      return found.length === 3 ? found : null;
    });
    expect(sent.map(({ on, channel }) => `${String(on)} ${String(channel)}`).sort()).toEqual([
      'approval.requested hooks',
      'approval.requested mail',
      'run.succeeded hooks',
    ]);
  }, 60_000);

  it('are undeliverable after the last attempt, and a test says what is wrong', async () => {
    status = 503;
    const runId = await startProbe(system, 'asking-in-vain', APPROVAL);
    const [failed] = await until('the failure', async () => {
      const found = await listed(`runId=${runId}&status=undeliverable`);
      return found.length === 1 ? found : null;
    });
    expect(failed).toMatchObject({ channel: 'hooks', attempts: 2, errorCode: 'HTTP_503' });
    const test = await system.call('POST', '/v1/notifications/test', { body: { channel: 'hooks' } });
    expect(test).toMatchObject({ status: 200, json: { delivered: false, errorCode: 'HTTP_503' } });
    status = 204;
    const again = await system.call('POST', '/v1/notifications/test', { body: { channel: 'hooks' } });
    expect(again).toMatchObject({ status: 200, json: { delivered: true, answer: '204 No Content' } });
  }, 60_000);
});
