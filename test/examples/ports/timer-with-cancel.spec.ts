import { describe, expect, it } from '@jest/globals';
import { playThroughCrashes, type Scenario } from './ports.js';

const order = (takes: '30s' | '10m'): Scenario => ({
  port: 'timer-with-cancel',
  inputs: { order: 'o-1' },
  agents: () => ({
    'order.process': async (_: unknown, { sleep }: { readonly sleep: (length: '30s' | '10m') => Promise<void> }) => {
      await sleep(takes);
      return {};
    },
    'customer.tell': () => ({}),
  }),
});
const seconds = (at: Date): number => Math.round((at.getTime() - Date.UTC(2026, 0, 1)) / 1_000);

describe('the port of the timer with cancel', () => {
  it('tells nobody when the order is done in time, and does not wait for the timer then, through a crash at any point', async () => {
    const { run, kit, ended } = await playThroughCrashes(order('30s'));
    expect(ended).toEqual({});
    expect(run.calls('customer.tell')).toEqual([]);
    expect(seconds(kit.now)).toBe(30);
  });

  it('tells the customer once after a minute, and goes on with the order, through a crash at any point', async () => {
    const { run, kit, ended } = await playThroughCrashes(order('10m'));
    expect(ended).toEqual({});
    expect(run.calls('customer.tell').map(({ at }) => seconds(at))).toEqual([60]);
    expect(run.calls('order.process')).toHaveLength(1);
    expect(seconds(kit.now)).toBe(600);
  });
});
