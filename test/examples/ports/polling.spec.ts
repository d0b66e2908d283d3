import { describe, expect, it } from '@jest/globals';
import { playThroughCrashes, type Scenario } from './ports.js';

/** A job that is done some time after the first question. */
const job = (doneAfterSeconds: number): Scenario => ({
  port: 'polling',
  agents: () => {
    let firstAsked: number | null = null;
    return {
      'job.check': (_: unknown, { task }: { readonly task: { readonly taskId: string } }) => {
        const asked = Number(task.taskId.split('~')[1] ?? 1);
        firstAsked ??= asked;
        return (asked - 1) * 10 >= doneAfterSeconds ? { data: { foo: 'bar' } } : {};
      },
      'job.use': () => ({}),
    };
  },
});

describe('the port of the polling', () => {
  it('asks every ten seconds until there is something to use, through a crash at any point', async () => {
    const { run, ended } = await playThroughCrashes(job(15));
    expect(ended).toEqual({});
    const asked = run.calls('job.check').map(({ at }) => Math.round((at.getTime() - Date.UTC(2026, 0, 1)) / 10_000));
    expect(asked).toEqual([0, 1, 2]);
    expect(run.calls('job.use').map(({ input }) => input)).toEqual([{ data: { foo: 'bar' } }]);
  });

  it('gives up after half a minute, and uses nothing then, through a crash at any point', async () => {
    const { run, kit, ended } = await playThroughCrashes(job(60));
    expect(ended).toEqual({});
    expect(run.calls('job.check')).toHaveLength(4);
    expect(run.calls('job.use')).toEqual([]);
    expect(Math.round((kit.now.getTime() - Date.UTC(2026, 0, 1)) / 1_000)).toBe(30);
  });
});
