import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endOfRun, installProbe } from './probe-agent.js';
import { buildProduct } from '../product/build.js';
import { cleanUp, Standalone, temporaryFolder, tutti } from '../product/standalone-process.js';
import { until } from '../product/waiting.js';

const LIMIT_MS = 60_000;

beforeAll(buildProduct, LIMIT_MS);
afterAll(cleanUp);

const PART = {
  name: 'part',
  steps: {
    group: {
      steps: {
        sign: {
          capability: 'probe.echo',
          with: { n: '${{ inputs.n }}' },
          gates: [{ name: 'ok', type: 'approval', title: 'Sign ${{ output.n }}' }],
        },
      },
      outputs: { n: '${{ steps.sign.output.n }}' },
    },
  },
  outputs: { n: '${{ steps.group.output.n }}' },
};
const WHOLE = {
  name: 'whole',
  steps: { each: { forEach: { items: '${{ inputs.list }}' }, workflow: 'part', with: { n: '${{ item }}' } } },
  outputs: { all: '${{ steps.each.output.n }}' },
};

interface Approval {
  readonly id: string;
  readonly title: string;
  readonly rootRunId: string;
  readonly path: readonly { readonly task: string }[];
}

describe('a family of runs', () => {
  it(
    'is answered from the top after the process was killed, and does nothing twice',
    async () => {
      const folder = temporaryFolder();
      let system = await Standalone.start({ folder, config: { workers: installProbe(folder) } });
      for (const definition of [PART, WHOLE]) await system.call('POST', '/v1/workflows', { body: definition });
      const started = await system.call('POST', '/v1/runs', { body: { workflow: 'whole', inputs: { list: [1, 2] } } });
      const runId = String(started.json['runId']);
      const say = async (...words: readonly string[]): Promise<string> => (await tutti(folder, ...words).ended).out;
      const approvals = async (): Promise<readonly Approval[]> =>
        (JSON.parse(await say('approvals', '--run', runId, '--json')) as { readonly approvals: readonly Approval[] }).approvals;
      const both = (): Promise<readonly Approval[]> =>
        until('two approvals', async () => {
          const found = await approvals();
          return found.length === 2 ? found : null;
        });
      await both();
      await system.program.kill();

      system = await Standalone.start({ folder });
      const asked = await both();
      expect(asked.map(({ title, rootRunId, path }) => [title, rootRunId, path.map(({ task }) => task).join(' › ')]).sort()).toEqual([
        ['Sign 1', runId, 'each[0] › group › sign'],
        ['Sign 2', runId, 'each[1] › group › sign'],
      ]);
      expect(await say('show', runId)).toMatch(/each\[0\]\s+part\s+running/);
      for (const { id } of asked) expect(await say('approve', id, '--yes')).toContain('approved');
      expect(await endOfRun(system, runId)).toMatchObject({ status: 'succeeded', outputs: { all: [1, 2] } });

      const listed = async (...options: readonly string[]): Promise<readonly { readonly id: string }[]> =>
        (JSON.parse(await say('runs', '--json', ...options)) as { readonly runs: readonly { readonly id: string }[] }).runs;
      expect((await listed()).map(({ id }) => id)).toEqual([runId]);
      const family = await listed('--below', runId);
      expect(family).toHaveLength(4);
      for (const { id } of family) {
        const { json } = await system.call('GET', `/v1/runs/${encodeURIComponent(id)}/events`);
        const types = (json['events'] as readonly { readonly type: string }[]).map(({ type }) => type);
        for (const once of ['RunStarted', 'RunSucceeded']) expect(types.filter((type) => type === once)).toHaveLength(1);
        expect(types.filter((type) => type === 'TaskSucceeded')).toHaveLength(1);
      }
    },
    LIMIT_MS,
  );
});
