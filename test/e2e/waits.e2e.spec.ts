import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endOfRun, installProbe, startProbe } from './probe-agent.js';
import { buildProduct } from '../product/build.js';
import { cleanUp, Standalone, temporaryFolder, tutti } from '../product/standalone-process.js';
import { until } from '../product/waiting.js';

const LIMIT_MS = 60_000;

beforeAll(buildProduct, LIMIT_MS);
afterAll(cleanUp);

const DEFINITION = {
  name: 'order',
  inputs: { type: 'object' },
  labels: { customer: '${{ inputs.customer }}' },
  variables: { budget: '${{ inputs.size * 10 }}' },
  queries: { budget: '${{ variables.budget }}' },
  steps: {
    other: { wait: { event: 'RunSucceeded', where: '${{ event.subject = "run-" & inputs.other }}' } },
    ok: { needs: 'other', wait: { signal: 'answer', schema: { type: 'string' } }, timeout: '1h' },
    go: {
      needs: 'ok',
      switch: '${{ steps.ok.output }}',
      cases: { yes: { capability: 'probe.echo', with: { budget: '${{ variables.budget }}' } } },
    },
    poll: {
      needs: 'go',
      capability: 'probe.echo',
      with: { time: '${{ iteration }}' },
      repeat: { until: '${{ output.time >= 3 }}', delay: '50ms' },
    },
    nap: { needs: 'poll', sleep: '50ms' },
  },
  outputs: { budget: '${{ steps.go.output.budget }}', times: '${{ steps.poll.output.time }}' },
};

/** Waits until the step says what it waits for. */
function waiting(system: Standalone, runId: string, step: string): Promise<unknown> {
  return until(`${step} of ${runId} to wait`, async () => {
    const { json } = await system.call('GET', `/v1/runs/${runId}`);
    const { steps } = json['run'] as { readonly steps: readonly { readonly id: string; readonly awaited?: unknown }[] };
    return steps.find(({ id }) => id === step)?.awaited ?? null;
  });
}

describe('a run that waits', () => {
  it(
    'goes on where it was after the process was killed, and is talked to from the command line',
    async () => {
      const folder = temporaryFolder();
      let system = await Standalone.start({ folder, config: { workers: installProbe(folder) } });
      const other = await startProbe(system, 'other', { wait: { signal: 'finish' } });
      await system.call('POST', '/v1/workflows', { body: DEFINITION });
      const started = await system.call('POST', '/v1/runs', { body: { workflow: 'order', inputs: { other, customer: 'acme', size: 2 } } });
      const runId = String(started.json['runId']);
      expect(await waiting(system, runId, 'other')).toEqual({ kind: 'event', what: 'RunSucceeded' });
      await system.program.kill();

      system = await Standalone.start({ folder });
      const say = async (...words: readonly string[]): Promise<string> => (await tutti(folder, ...words).ended).out;
      expect(await say('signal', other, 'finish')).toContain('sent finish');
      expect(await waiting(system, runId, 'ok')).toMatchObject({ kind: 'signal', what: 'answer' });
      expect(await say('why', runId, 'ok')).toContain('waits for a signal "answer"');
      expect(JSON.parse(await say('query', runId, 'budget'))).toBe(20);
      await say('set', runId, 'budget=:50', '--reason', 'more');
      expect((await tutti(folder, 'signal', runId, 'answer', ':3').ended).code).toBe(5);
      await say('signal', runId, 'answer', 'yes');

      const ended = await endOfRun(system, runId);
      expect(ended).toMatchObject({ status: 'succeeded', outputs: { budget: 50, times: 3 } });
      const listed = JSON.parse(await say('runs', '--label', 'customer=acme', '--json')) as {
        readonly runs: readonly { readonly id: string }[];
      };
      expect(listed.runs.map(({ id }) => id)).toEqual([runId]);
      expect(JSON.parse(await say('query', runId, 'state'))).toMatchObject({ status: 'succeeded', variables: { budget: 50 } });
      await system.stop();
    },
    LIMIT_MS,
  );
});
