import { describe, expect, it } from '@jest/globals';
import { play, playThroughCrashes, type Scenario } from './ports.js';

interface Judged {
  readonly output: { readonly version: number };
}

/** Each version is made from what the judge said of the one before. */
const writing = (goodFrom: number): Scenario => ({
  port: 'evaluator-optimiser',
  inputs: { task: 'find the longest palindrome' },
  agents: () => ({
    'solution.write': (_: unknown, { task }: { readonly task: { readonly feedback: readonly { readonly message: string }[] } }) => {
      const before = Number(/version (\d+)/.exec(task.feedback[0]?.message ?? '')?.[1] ?? 0);
      return { version: before + 1 };
    },
    'solution.evaluate': ({ output: { version } }: Judged) => ({ passed: version >= goodFrom, reason: `version ${version} is slow` }),
  }),
});

describe('the port of the evaluator and optimiser', () => {
  it('improves the solution by what the judge objects to until it passes, through a crash at any point', async () => {
    const { run, ended } = await playThroughCrashes(writing(3));
    expect(ended).toEqual({ solution: { version: 3 } });
    expect(run.calls('solution.write').map(({ feedback }) => feedback.map(({ gate }) => gate))).toEqual([[], ['good'], ['good']]);
    expect(run.calls('solution.evaluate')).toHaveLength(3);
  });

  it('gives up after five solutions', async () => {
    const { run, ended } = await play(writing(9));
    expect(ended).toEqual({ error: 'GATE_FAILED' });
    expect(run.calls('solution.write')).toHaveLength(5);
  });
});
