import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { installProbe } from '../e2e/probe-agent.js';
import { buildProduct } from '../product/build.js';
import { cleanUp, Standalone, temporaryFolder } from '../product/standalone-process.js';
import { until } from '../product/waiting.js';
import { operationsOf, type ApiDocument, type Operation, type Parameter } from './api-document.js';
import { walkRoutes } from './walk-routes.js';

/** Set it to send the requests of an earlier run again; every failure prints it. */
const SEED = Number(process.env['CONTRACT_SEED'] ?? 20_260_101);

const WORKFLOW = {
  name: 'everything',
  inputs: { type: 'object', properties: { to: { type: 'string' } } },
  steps: {
    ask: { capability: 'probe.echo', with: { to: '${{ inputs.to }}' }, gates: [{ name: 'go', type: 'approval', title: 'Go?' }] },
    fail: { capability: 'probe.fail' },
    wait: { wait: { signal: 'go' } },
    each: { forEach: { items: '${{ [1, 2, 3] }}' }, capability: 'probe.echo', with: { item: '${{ item }}' } },
  },
};

let system: Standalone;
beforeAll(async () => {
  buildProduct();
  const folder = temporaryFolder();
  system = await Standalone.start({ folder, config: { workers: installProbe(folder), gateway: { maxBodyBytes: 262_144 } } });
}, 60_000);
afterAll(cleanUp);

describe('the routes of the document, with a process and real data behind them', () => {
  it('answer good and bad requests as the document says', async () => {
    const known = await fill();
    const document = (await system.call('GET', '/openapi.json')).json as unknown as ApiDocument;
    const { url, token } = system;
    const walked = await walkRoutes({ url, token, seed: SEED, good: 10, bad: 12, document, known });
    expect({ seed: SEED, faults: walked.faults }).toEqual({ seed: SEED, faults: [] });
    const taken = [...walked.statuses].filter(([, counts]) => counts.has(200) || counts.has(201) || counts.has(202));
    expect(taken.length).toBeGreaterThan(40);
  }, 90_000);
});

describe('the lists of the document', () => {
  it('refuse page tokens that are none, all of them', async () => {
    const document = (await system.call('GET', '/openapi.json')).json as unknown as ApiDocument;
    const lists = operationsOf(document).filter(({ parameters }) => parameters.some(({ name }) => name === 'pageToken'));
    expect(lists.length).toBeGreaterThan(8);
    const { json } = await system.call('GET', '/v1/runs');
    const [run] = json['runs'] as readonly { readonly id: string }[];
    for (const { path } of lists) {
      for (const token of ['surprise', 'eyJhIjoxfQ', 'AAAA', '"', '-1']) {
        const answer = await system.call('GET', `${path.replace('{id}', run?.id ?? '')}?pageToken=${encodeURIComponent(token)}`);
        expect({ path, token, status: answer.status, code: answer.json['code'] }).toEqual({
          path,
          token,
          status: 400,
          code: 'INVALID_REQUEST',
        });
      }
    }
  });
});

/** Runs that wait, have failed and have ended, approvals, schedules, services, keys: what is then asked for by name. */
async function fill(): Promise<(operation: Operation, parameter: Parameter) => readonly string[]> {
  const made = async (path: string, body: object): Promise<Readonly<Record<string, unknown>>> => {
    const { status, text, json } = await system.call('POST', path, { body });
    if (status >= 300) throw new Error(`${path}: ${text}`);
    return json;
  };
  await made('/v1/workflows', WORKFLOW);
  await made('/v1/workflows', { name: 'short', steps: { echo: { capability: 'probe.echo' } } });
  await made('/v1/schedules', { name: 'nightly', workflow: 'short', cron: '0 3 * * *' });
  await made('/v1/services', { id: 'beside-1', service: 'beside', version: '1.0.0', leaseMs: 60_000 });
  const { key } = await made('/v1/access/keys', { name: 'reader', role: 'viewer' });
  const runs: string[] = [];
  for (const workflow of ['everything', 'everything', 'everything', 'short']) {
    const { runId } = await made('/v1/runs', { workflow, inputs: { to: 'Ann' }, labels: { team: 'core' } });
    runs.push(String(runId));
  }
  const approvals = await until('the approvals', async () => {
    const { json } = await system.call('GET', '/v1/approvals?status=pending');
    const found = json['approvals'] as readonly { readonly id: string }[];
    return found.length < 3 ? null : found.map(({ id }) => id);
  });
  const ids: Readonly<Record<string, readonly string[]>> = {
    runs,
    approvals,
    services: ['beside-1'],
    keys: [String((key as { readonly id: string }).id)],
  };
  const names: Readonly<Record<string, readonly string[]>> = {
    workflows: ['everything', 'short'],
    agents: ['probe'],
    schedules: ['nightly'],
    signals: ['go'],
    queries: ['state'],
  };
  return ({ path }, { name, in: place }) => {
    const folder = path.split('/').findLast((part, index, parts) => parts[index + 1] === `{${name}}`) ?? '';
    if (place === 'path' && name === 'id') return ids[folder] ?? [];
    if (place === 'path' && name === 'name') return names[folder] ?? [];
    if (name === 'version') return ['1'];
    if (name === 'task' || name === 'step') return ['ask', 'fail', 'wait', 'each[1]'];
    if (name === 'runId' || name === 'root') return runs;
    if (name === 'workflow') return ['everything', 'short'];
    return [];
  };
}
