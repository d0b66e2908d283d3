import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { get } from 'node:http';
import { join } from 'node:path';
import { buildProduct } from '../../product/build.js';
import { root } from '../../product/paths.js';
import { Program } from '../../product/program.js';
import { cleanUp } from '../../product/standalone-process.js';
import { eventually } from '../../product/waiting.js';
import { ProcessGroup, SERVICES } from './process-group.js';
import { ended, startRun } from './runs.js';

const LIMIT_MS = 120_000;

let group: ProcessGroup;
beforeAll(async () => {
  buildProduct();
  group = new ProcessGroup();
  for (const service of SERVICES) group.start(service);
}, LIMIT_MS);
afterAll(cleanUp);

/** Started before there is anything to follow; resolves to its address. */
async function follower(service: 'metrics' | 'self-improvement'): Promise<{ readonly url: string; readonly program: Program }> {
  const main = join(root, 'services', service, 'dist', 'main.js');
  const program = new Program([main, '--data-dir', group.dataDir, '--port', '0'], { cwd: group.folder });
  const [, url = ''] = await program.printed(/^ready (\S+)$/m);
  return { url, program };
}

async function text(url: string): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  expect(answer.status).toBe(200);
  return answer.text();
}

/** As a page whose name points here would ask. */
function statusFor(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(`${url}/findings`, { headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    }).on('error', reject);
  });
}

describe('processes that follow what runs do', () => {
  it(
    'show to Prometheus what was counted, also after the store was hosted by another',
    async () => {
      const { url, program } = await follower('metrics');
      await group.ready();
      const counted = (count: number) =>
        eventually(`${count} runs are counted`, LIMIT_MS, async () =>
          (await text(`${url}/metrics`)).includes(`tutti_runs_ended_total{workflow="long",status="succeeded"} ${count}`) ? true : undefined,
        );
      await ended(group, await startRun(group, 'long', { text: 'one', ms: 0 }, 'one'));
      await counted(1);
      const shown = await text(`${url}/metrics`);
      expect(shown).toContain('tutti_runs_started_total{workflow="long"} 1');
      const attempts = [...shown.matchAll(/^tutti_task_attempts_total\{.*outcome="succeeded"\} (\d+)$/gm)].map(([, count]) =>
        Number(count),
      );
      expect(attempts.reduce((sum, count) => sum + count, 0)).toBe(3);
      expect(shown).toMatch(/^tutti_run_duration_seconds_count\{workflow="long",status="succeeded"\} 1$/m);
      expect(JSON.parse(await text(`${url}/health/ready`))).toEqual({ status: 'ready', reasons: [] });
      for (const service of ['gateway', 'coordinator', 'registry'] as const) {
        await group.of(service).kill('SIGKILL');
        group.start(service);
        await group.ready();
      }
      await ended(group, await startRun(group, 'long', { text: 'two', ms: 0 }, 'two'));
      await counted(2);
      expect(await program.stop()).toMatchObject({ code: 0 });
    },
    LIMIT_MS,
  );

  it(
    'watch agents, and find nothing where none fails',
    async () => {
      const { url, program } = await follower('self-improvement');
      expect(JSON.parse(await text(`${url}/findings`))).toEqual({ regressions: [] });
      expect(JSON.parse(await text(`${url}/health/live`))).toEqual({ status: 'ok' });
      expect(await statusFor(url, 'rebound.example')).toBe(421);
      expect(await statusFor(url, 'localhost')).toBe(200);
      expect(await program.stop()).toMatchObject({ code: 0 });
    },
    LIMIT_MS,
  );
});
