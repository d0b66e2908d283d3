import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Stack } from '../full-stack/stack.js';
import { buildProduct } from '../product/build.js';
import { cleanUp, temporaryFolder } from '../product/standalone-process.js';
import { eventually } from '../product/waiting.js';

const LIMIT_MS = 240_000;
const LEASE_MS = 3_000;
const COORDINATORS = ['coordinator-one', 'coordinator-two'] as const;
const OFTEN = `
name: often
on: {schedule: [{every: 1s, overlap: allow}]}
steps: {nap: {sleep: 300ms}}
`;

interface ScheduledRun {
  readonly id: string;
  readonly status: string;
  readonly labels: Readonly<Record<string, string>>;
}

describe('a schedule, with several coordinators', () => {
  let stack: Stack;
  beforeAll(async () => {
    buildProduct();
    const workflows = join(temporaryFolder(), 'workflows');
    mkdirSync(workflows, { recursive: true });
    writeFileSync(join(workflows, 'often.yaml'), OFTEN);
    stack = await Stack.open({ settings: { workflowFolders: [workflows], services: { leaseMs: LEASE_MS } } });
    for (const service of ['gateway', 'registry'] as const) stack.start(service);
    for (const name of COORDINATORS) stack.start('coordinator', name);
    await Promise.all([...COORDINATORS, 'gateway', 'registry'].map((name) => stack.of(name).printed(/^ready /m, LIMIT_MS)));
  }, LIMIT_MS);
  afterAll(async () => {
    await stack.close();
    await cleanUp();
  }, LIMIT_MS);

  /** Those of the schedule, the oldest time first. */
  const runs = async (): Promise<readonly ScheduledRun[]> => {
    const { status, json } = await stack.call('/v1/runs?workflow=often&pageSize=200');
    if (status !== 200) return [];
    return (json['runs'] as unknown as ScheduledRun[]).sort((one, other) => secondOf(one) - secondOf(other));
  };
  const untilRuns = (what: string, holds: (found: readonly ScheduledRun[]) => boolean): Promise<readonly ScheduledRun[]> =>
    eventually(what, LIMIT_MS, async () => {
      const found = await runs().catch(() => []);
      return holds(found) ? found : undefined;
    });
  const begun = (): readonly string[] =>
    COORDINATORS.filter((name) =>
      stack.logged(30).some((line) => line.startsWith(`${name}: `) && line.includes('has begun a part') && line.includes('"triggers"')),
    );

  it(
    'starts a run for each of its times, once, though the coordinator that sees to it is killed',
    async () => {
      await untilRuns('some runs have ended', (found) => found.filter(({ status }) => status === 'succeeded').length >= 3);
      const [holder = ''] = begun();
      expect(begun()).toEqual([holder]);
      const killedAt = Math.floor(Date.now() / 1_000);
      await stack.of(holder).kill();
      const found = await untilRuns('runs of times after the next one has taken over', (now) => {
        const last = now.at(-1);
        return begun().length === 2 && last !== undefined && secondOf(last) > killedAt + (2 * LEASE_MS) / 1_000;
      });
      const seconds = found.map(secondOf);
      expect(seconds).toEqual(seconds.map((_, index) => (seconds[0] ?? 0) + index));
      const last = seconds.at(-1) ?? 0;
      const ended = await untilRuns('all of them have ended', (now) =>
        now.filter((run) => secondOf(run) <= last).every(({ status }) => status !== 'running'),
      );
      expect(ended.filter((run) => secondOf(run) <= last).map(({ status }) => status)).toEqual(seconds.map(() => 'succeeded'));
    },
    LIMIT_MS,
  );
});

function secondOf({ labels }: ScheduledRun): number {
  return Date.parse(labels['tutti.scheduled-time'] ?? '') / 1_000;
}
