import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { endOfRun, pendingApproval } from './probe-agent.js';
import { buildProduct } from '../product/build.js';
import { root } from '../product/paths.js';
import { cleanUp, Standalone, temporaryFolder, tutti } from '../product/standalone-process.js';

const LIMIT_MS = 120_000;
const guide = readFileSync(join(root, 'docs', 'versions.md'), 'utf8');
const CAPABILITIES = ['orders.check', 'orders.summary', 'orders.ship', 'orders.bill'];

interface Typed {
  readonly line: string;
  /** What the guide says that it prints; `…` stands for anything within a line. */
  readonly printed: readonly string[];
}

let system: Standalone;
let runId = '';

beforeAll(async () => {
  buildProduct();
  const folder = temporaryFolder();
  const agents = join(folder, 'agents');
  mkdirSync(agents);
  const clerk = {
    name: 'clerk',
    version: '1.0.0',
    capabilities: CAPABILITIES,
    kind: 'class',
    entry: { export: 'Clerk', module: './clerk.mjs' },
  };
  writeFileSync(
    join(agents, 'clerk.mjs'),
    'export class Clerk {\n  processTask(task) { return { did: task.capability, with: task.input }; }\n}\n',
  );
  writeFileSync(join(agents, 'clerk.yaml'), stringify(clerk));
  for (const [, file = '', text = ''] of guide.matchAll(/^`(\S+\.yaml)`\n\n```yaml\n(.*?)^```$/gms))
    writeFileSync(join(folder, file), text);
  system = await Standalone.start({ folder, config: { workers: { agentFolders: [agents], agentPackages: [] } } });
}, LIMIT_MS);
afterAll(cleanUp);

function commandsOf(text: string): readonly Typed[] {
  return [...text.matchAll(/^```console\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((typed) => {
        const [line = '', ...printed] = typed.trimEnd().split('\n');
        return { line, printed };
      }),
  );
}

async function type(line: string): Promise<string> {
  const [, isKept, command = ''] = /^(RUN=\$\()?tutti (.*?)\)?$/.exec(line) ?? [];
  const args = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain = '']) => (quoted ?? plain).replace('$RUN', runId));
  const { code, out, err } = await tutti(system.folder, ...args).ended;
  if (code !== 0) throw new Error(`"${line}" ended with ${String(code)}: ${out}${err}`);
  if (isKept === undefined) return out.trimEnd();
  runId = out.trim();
  await pendingApproval(system, runId);
  return '';
}

describe('the guide to versions', () => {
  it(
    'says what each of its commands prints, from the first version to a migrated run',
    async () => {
      const commands = commandsOf(guide);
      expect(commands.length).toBeGreaterThan(8);
      for (const { line, printed } of commands) {
        const lines = (await type(line)).split('\n').map((text) => text.trimEnd());
        const pattern = printed.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '.+')).join('\\n');
        expect(`${line}\n${lines.join('\n')}`).toMatch(new RegExp(`^${line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\n${pattern}$`));
      }
      const { id, payloadHash } = await pendingApproval(system, runId);
      await system.call('POST', `/v1/approvals/${id}/approve`, { body: { payloadHash } });
      expect(await endOfRun(system, runId)).toMatchObject({ status: 'succeeded', workflowVersion: 2 });
      const { json } = await system.call('GET', `/v1/runs/${runId}`);
      const { steps } = json['run'] as { readonly steps: readonly { readonly id: string; readonly status: string }[] };
      expect(steps.map(({ id: step, status }) => `${step} ${status}`)).toEqual(
        ['check', 'sum-up', 'bill', 'dispatch'].map((step) => `${step} succeeded`),
      );
    },
    LIMIT_MS,
  );

  it('is right about what REST takes', async () => {
    const body = /`PUT \/v1\/workflows\/\{name\}\/rollout` with `(.*?)`/.exec(guide)?.[1] ?? '';
    const answer = await system.call('PUT', '/v1/workflows/order-review/rollout', { body: body.replace('"version": 1', '"version": 2') });
    expect(answer).toMatchObject({ status: 200, json: { changed: true } });
    expect(await system.call('POST', '/v1/workflows/order-review/versions/1/restore', { body: {} })).toMatchObject({
      json: { changed: true },
    });
    const migrate = /`POST \/v1\/runs\/\{id\}\/migrate` with `(.*?)`/.exec(guide)?.[1] ?? '';
    expect(await system.call('POST', `/v1/runs/${runId}/migrate`, { body: migrate })).toMatchObject({
      status: 409,
      json: { code: 'RUN_ENDED' },
    });
  });
});
