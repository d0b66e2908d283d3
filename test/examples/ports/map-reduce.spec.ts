import { describe, expect, it } from '@jest/globals';
import { playThroughCrashes, type Scenario } from './ports.js';

const work = (parts: readonly string[]): Scenario => ({
  port: 'map-reduce',
  inputs: { description: parts.join(',') },
  agents: () => ({
    'work.split': ({ description }: { description: string }) => ({ parts: description === '' ? [] : description.split(',') }),
    'work.part': async ({ description }: { description: string }, { sleep }: { sleep: (length: '1s' | '5s') => Promise<void> }) => {
      // The first takes longest: the order of the results is that of the parts all the same.
      await sleep(description === parts[0] ? '5s' : '1s');
      return { description: `${description}: DONE` };
    },
    'work.aggregate': ({ results }: { results: readonly { readonly description: string }[] }) => ({
      description: results.map(({ description }) => description).join(','),
    }),
  }),
});

describe('the port of the map-reduce', () => {
  it('works on all parts and puts the results together in their order, through a crash at any point', async () => {
    const { run, kit, ended } = await playThroughCrashes(work(['wash', 'dry', 'fold']));
    expect(ended).toEqual({ description: 'wash: DONE,dry: DONE,fold: DONE' });
    expect(run.calls('work.part')).toHaveLength(3);
    expect(kit.now.getTime() - Date.UTC(2026, 0, 1)).toBeLessThan(6_500);
  });

  it('has an answer for no parts at all', async () => {
    expect((await playThroughCrashes(work([]))).ended).toEqual({ description: '' });
  });
});
