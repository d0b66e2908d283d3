import { describe, expect, it } from '@jest/globals';
import { play, playThroughCrashes, type Scenario } from './ports.js';

const expense = (meanwhile: Scenario['meanwhile']): Scenario => ({
  port: 'approval',
  agents: () => ({ 'expense.create': () => ({}), 'expense.pay': () => ({}) }),
  inputs: { expense: 'train to Bern' },
  ...(meanwhile === undefined ? {} : { meanwhile }),
});

describe('the port of the approval', () => {
  it('pays what was approved, through a crash at any point', async () => {
    const { run, ended } = await playThroughCrashes(expense((run) => run.approve({ by: 'user:ann' })));
    expect(ended).toEqual({ status: 'COMPLETED' });
    expect(run.calls('expense.pay')).toHaveLength(1);
  });

  it('does not pay what was rejected', async () => {
    const { run, ended } = await play(expense((run) => run.reject({ by: 'user:ann' })));
    expect(ended).toEqual({ status: 'REJECTED' });
    expect(run.calls('expense.pay')).toEqual([]);
  });

  it('does not pay what nobody decided in ten seconds, through a crash at any point', async () => {
    const { run, kit, ended } = await playThroughCrashes(expense(undefined));
    expect(ended).toEqual({ status: 'TIMED_OUT' });
    expect(run.calls('expense.pay')).toEqual([]);
    expect(kit.now.getTime() - Date.UTC(2026, 0, 1)).toBeGreaterThanOrEqual(10_000);
  });
});
