import { createHmac } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildProduct } from '../product/build.js';
import { cleanUp, Standalone, temporaryFolder, tutti } from '../product/standalone-process.js';
import { until } from '../product/waiting.js';

const LIMIT_MS = 60_000;
const KEY = Buffer.alloc(32, 7);
const STEPS = { rest: { sleep: '10ms' } };

beforeAll(buildProduct, LIMIT_MS);
afterAll(cleanUp);

function start(folder: string): Promise<Standalone> {
  mkdirSync(join(folder, 'drop'), { recursive: true });
  const triggers = { webhooks: { shop: { secretEnv: 'SHOP_SECRET' } }, fileRoots: [join(folder, 'drop')] };
  const env = { SHOP_SECRET: `whsec_${KEY.toString('base64')}` };
  return Standalone.start({ folder, env, config: { workers: { agentPackages: [] }, coordinator: { triggers } } });
}

function register(system: Standalone, name: string, on: object): Promise<unknown> {
  return system.call('POST', '/v1/workflows', { body: { name, on, steps: STEPS } });
}

async function runsOf(system: Standalone, workflow: string): Promise<readonly Readonly<Record<string, string>>[]> {
  const { runs } = (await system.call('GET', `/v1/runs?workflow=${workflow}&pageSize=1000`)).json as {
    readonly runs: readonly { readonly labels: Readonly<Record<string, string>> }[];
  };
  return runs.map(({ labels }) => labels);
}

function send(system: Standalone, id: string, body: string) {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signature = `v1,${createHmac('sha256', KEY).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature, authorization: '' };
  return system.call('POST', '/v1/hooks/shop', { body, headers });
}

describe('what starts runs by itself', () => {
  it(
    'goes on after the process was killed: nothing is missed, and nothing starts twice',
    async () => {
      const folder = temporaryFolder();
      const first = await start(folder);
      await register(first, 'often', { schedule: [{ every: '1s', overlap: 'allow' }] });
      await register(first, 'told', {
        webhook: [{ name: 'shop' }],
        event: [{ type: 'order.paid' }],
        file: [{ folder: join(folder, 'drop') }],
      });
      await until('the webhook', async () => ((await send(first, 'm1', '{"n":1}')).status === 202 ? true : null));
      expect(await send(first, 'm1', '{"n":1}')).toMatchObject({ status: 202 });
      const event = { specversion: '1.0', id: 'e1', source: '/shop', type: 'order.paid', data: { n: 2 } };
      for (let time = 0; time < 2; time++) expect(await first.call('POST', '/v1/events', { body: event })).toMatchObject({ status: 202 });
      await until('two runs', async () => ((await runsOf(first, 'told')).length === 2 ? true : null));
      await until('a scheduled run', async () => ((await runsOf(first, 'often')).length > 0 ? true : null));
      await first.stop('SIGKILL');
      writeFileSync(join(folder, 'drop', 'late.csv'), 'a,b');
      const second = await start(folder);
      expect(await send(second, 'm1', '{"n":1}')).toMatchObject({ status: 202 });
      const labels = await until('the run of the file', async () => {
        const found = await runsOf(second, 'told');
        return found.length >= 3 ? found : null;
      });
      expect(labels.map((each) => each['tutti.trigger']).sort()).toEqual(['told/event.1', 'told/file.1', 'told/webhook.1']);
      const before = (await runsOf(second, 'often')).length;
      const times = await until('more scheduled runs', async () => {
        const found = await runsOf(second, 'often');
        return found.length > before ? found.map((each) => each['tutti.scheduled-time'] ?? '').sort() : null;
      });
      // Every second since the first, those while it was down included, once.
      const seconds = times.map((time) => Date.parse(time) / 1_000);
      expect(seconds).toEqual(seconds.map((_, index) => (seconds[0] ?? 0) + index));
      await second.stop();
    },
    LIMIT_MS,
  );

  it(
    'is shown and held by the command line',
    async () => {
      const folder = temporaryFolder();
      const system = await start(folder);
      await register(system, 'often', { schedule: [{ name: 'hourly', cron: '0 * * * *', timezone: 'Europe/Berlin' }] });
      const shown = await until('the schedule', async () => {
        const { code, out } = await tutti(folder, 'schedule', 'show', 'often.hourly', '--json').ended;
        return code === 0 ? (JSON.parse(out) as { readonly schedule: { readonly nextTimes: readonly string[] } }) : null;
      });
      expect(shown.schedule.nextTimes).toHaveLength(5);
      expect((await tutti(folder, 'schedule', 'pause', 'often.hourly').ended).code).toBe(0);
      expect((await tutti(folder, 'schedule', 'list').ended).out).toMatch(/often\.hourly .* paused/);
      expect(await tutti(folder, 'schedule', 'trigger', 'often.hourly').ended).toMatchObject({
        code: 0,
        out: expect.stringContaining('started run'),
      });
      expect(await tutti(folder, 'schedule', 'delete', 'often.hourly').ended).toMatchObject({
        code: 6,
        err: expect.stringContaining('SCHEDULE_OWNED'),
      });
      await system.stop();
    },
    LIMIT_MS,
  );
});
