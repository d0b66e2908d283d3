import { beforeEach, describe, expect, it } from '@jest/globals';
import { TuttiError } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { silentLogger } from '@tutti/service-kit';
import { CoordinatorLifecycle } from './coordinator.lifecycle.js';

type Parts = ConstructorParameters<typeof CoordinatorLifecycle>;

/** What stands in the view of runs, up to which position; what is in the store. */
interface World {
  viewAt: number;
  head: number;
  inView: string[];
}

describe('the start of the timers', () => {
  let runtime: ManualRuntime;
  let world: World;
  let recovered: string[];
  let expected: number;
  let gain: () => void;
  beforeEach(() => {
    runtime = createManualRuntime();
    expected = 0;
    world = { viewAt: 5, head: 5, inView: ['known'] };
    recovered = [];
  });

  function lifecycle(alone: boolean): CoordinatorLifecycle {
    const find = async () => Promise.resolve(world.inView.map((key) => ({ key })));
    const at = async (_: string, position: number): Promise<void> => {
      await Promise.resolve();
      if (position > world.viewAt) throw new TuttiError('TIMED_OUT', 'the view is behind');
    };
    const nothing = async (): Promise<void> => Promise.resolve();
    const [ignored, noted] = [undefined, () => undefined];
    const parts = [
      { at, views: { runs: { model: { find } } } },
      ignored,
      { recover: async (runId: string) => Promise.resolve(recovered.push(runId)) },
      { expectWorkers: () => void (expected += 1), recovered: noted },
      ...[ignored, ignored],
      { head: async () => Promise.resolve(world.head) },
      ignored,
      runtime,
      silentLogger,
      { recoveryConcurrency: 4 },
      { alone, owns: () => true },
      {
        start: (onGained: () => void) => {
          gain = onGained;
          return nothing();
        },
      },
      { start: nothing },
    ];
    return new CoordinatorLifecycle(...(parts as unknown as Parts));
  }

  it('takes up the open runs of the view', async () => {
    await lifecycle(true).startTimers();
    await runtime.advance(1);
    expect(recovered).toEqual(['known']);
  });

  it('takes up what others began while the views came up, as soon as the view holds it', async () => {
    world.head = 9;
    await lifecycle(false).startTimers();
    await runtime.advance(500);
    expect(recovered).toEqual([]);
    Object.assign(world, { viewAt: 9, inView: ['known', 'begun by another'] });
    await runtime.advance(1_000);
    expect(recovered).toEqual(['known', 'begun by another']);
  });

  it('gives workers their time from the moment that partitions come, before anything can have brought their runs into memory', async () => {
    await lifecycle(false).startTimers();
    await runtime.advance(500);
    Object.assign(world, { head: 9 });
    const before = expected;
    gain();
    expect(expected).toBe(before + 1);
  });
});
