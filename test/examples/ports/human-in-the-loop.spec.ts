import { describe, expect, it } from '@jest/globals';
import { playThroughCrashes, type Scenario } from './ports.js';

const action = (meanwhile: NonNullable<Scenario['meanwhile']>): Scenario => ({
  port: 'human-in-the-loop',
  inputs: { request: 'tidy up the staging cluster' },
  agents: () => ({
    'action.propose': () => ({ action: 'delete the pods that have ended' }),
    'action.execute': ({ action }: { action: string }) => ({ message: `done: ${action}` }),
  }),
  meanwhile,
});

describe('the port of the human in the loop', () => {
  it('carries out exactly what was approved, through a crash at any point', async () => {
    const { run, ended } = await playThroughCrashes(action((run) => run.approve({ by: 'user:ann' })));
    expect(ended).toEqual({ message: 'done: delete the pods that have ended' });
    expect(run.calls('action.execute').map(({ input }) => input)).toEqual([{ action: 'delete the pods that have ended' }]);
  });

  it('changes nothing when it is rejected, and says so, through a crash at any point', async () => {
    const { run, ended } = await playThroughCrashes(action((run) => run.reject({ by: 'user:ann' })));
    expect(ended).toEqual({ message: 'The action was rejected; nothing was changed.' });
    expect(run.calls('action.execute')).toEqual([]);
  });

  it('waits for weeks', async () => {
    const { ended } = await playThroughCrashes(
      action(async (run, kit) => {
        await run.until('approval');
        await kit.advance('21d');
        await run.approve({ by: 'user:ann' });
      }),
    );
    expect(ended).toEqual({ message: 'done: delete the pods that have ended' });
  });
});
