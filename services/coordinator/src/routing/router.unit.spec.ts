import { describe, expect, it } from '@jest/globals';
import type { AgentProfile, TaskAssignment, TaskLimit, TaskPermit } from '@tutti/contracts';
import { agent } from '../testing/engine.js';
import { createManualRuntime } from '@tutti/kernel/testing';
import { Router } from './router.js';
import { NO_LIMITS } from './task-need.js';
import type { WaitingTask } from './waiting-tasks.js';

const need = (task = 't', pinnedAgent: string | null = null, more: Partial<WaitingTask> = {}): WaitingTask => ({
  ...{ runId: 'r', task, capability: 'work', pinnedAgent, timeoutMs: null, attempt: 1 },
  ...{ priority: 3, routing: null, limits: NO_LIMITS },
  ...more,
});

/** So many permits of each limit, counted here alone. */
class FakePermits {
  onFree: (limit: TaskLimit) => void = () => undefined;
  readonly out = new Map<string, number>();

  take(limits: readonly TaskLimit[]): readonly TaskPermit[] | null {
    if (this.exhausted(limits) !== null) return null;
    for (const { scope } of limits) this.out.set(scope, (this.out.get(scope) ?? 0) + 1);
    return limits.map(({ scope }) => ({ scope, lease: 'mine' }));
  }

  exhausted(limits: readonly TaskLimit[]): TaskLimit | null {
    return limits.find((limit) => !this.isFree(limit)) ?? null;
  }

  isFree({ scope, limit }: TaskLimit): boolean {
    return (this.out.get(scope) ?? 0) < limit;
  }

  demand(): void {}

  free(limit: TaskLimit): void {
    this.out.set(limit.scope, (this.out.get(limit.scope) ?? 0) - 1);
    this.onFree(limit);
  }
}

function setUp(...workers: readonly (readonly [string, ...AgentProfile[]])[]) {
  const seated: [string, TaskAssignment][] = [];
  const runtime = createManualRuntime({ startMs: 0 });
  const permits = new FakePermits();
  const router = new Router({
    ...{ runtime, permits, breaker: { failures: 3, coolDownMs: 30_000 } },
    onSeat: (task, assignment) => seated.push([task.task, assignment]),
  });
  const announce = (worker: string, agents: readonly AgentProfile[], held?: ReadonlyMap<string, number>): void =>
    router.announce({ worker, pool: 'default', agents, holding: [] }, held);
  for (const [worker, ...agents] of workers) announce(worker, agents);
  const loads = (): unknown =>
    Object.fromEntries(router.candidates({ capability: 'work', pinnedAgent: null }).map(({ worker, load }) => [worker, load]));
  return { router, seated, announce, loads, runtime, permits };
}

describe('Router', () => {
  it('takes the least loaded, for its capacity, and among equals the one used longest ago', () => {
    const { router } = setUp(['w1', agent('a', ['work'], 2)], ['w2', agent('b', ['work'], 4)]);
    expect(Array.from({ length: 7 }, () => router.tryAssign(need())?.worker)).toEqual(['w1', 'w2', 'w2', 'w1', 'w2', 'w2', undefined]);
  });

  it('gives a task only to the agent that it asks for', () => {
    const { router } = setUp(['w1', agent('a', ['work'])], ['w2', agent('b', ['work'])]);
    expect(router.tryAssign(need('t', 'b'))?.agent).toBe('b');
    expect(router.tryAssign(need('t', 'c'))).toBeNull();
  });

  it('serves those that wait in their order, when seats come free', () => {
    const { router, seated } = setUp(['w1', agent('a', ['work'], 1)]);
    router.tryAssign(need('first'));
    ['second', 'third'].forEach((task) => router.wait(need(task)));
    expect(router.tryAssign(need('jumper'))).toBeNull();
    for (const _ of [1, 2]) {
      router.release('w1', 'a');
      router.wakeAgent('w1', 'a');
    }
    expect([seated.map(([task]) => task), router.waitingCount()]).toEqual([['second', 'third'], 0]);
  });

  it('lets nobody jump the queue with a seat that is free but not handed out yet', () => {
    const { router } = setUp(['w1', agent('a', ['work'], 1)]);
    router.tryAssign(need('first'));
    router.wait(need('second'));
    router.release('w1', 'a');
    expect(router.tryAssign(need('jumper'))).toBeNull();
  });

  it('seats a task at once that waits for a seat which came free meanwhile', () => {
    const { router, seated } = setUp(['w1', agent('a', ['work'])]);
    router.wait(need());
    expect(seated).toHaveLength(1);
  });

  it('wakes those that wait when their agent comes', () => {
    const { router, seated, announce } = setUp();
    router.wait(need('pinned', 'a'));
    router.wait(need('any'));
    announce('w1', [agent('a', ['work'])]);
    expect(seated.map(([task]) => task).sort()).toEqual(['any', 'pinned']);
  });

  it('forgets a task that no longer waits', () => {
    const { router, seated, announce } = setUp();
    router.wait(need());
    router.cancelWait('r', 't');
    announce('w1', [agent('a', ['work'])]);
    expect(seated).toEqual([]);
  });

  it('gives a stopping worker nothing more', () => {
    const { router } = setUp(['w1', agent('a', ['work'])]);
    router.drain('w1');
    expect(router.tryAssign(need())).toBeNull();
    expect(router.candidates(need())).toMatchObject([{ score: null, reason: 'its worker is stopping' }]);
  });

  it('gives a retired agent nothing until it is back, and then what waits', () => {
    const { router, seated } = setUp(['w1', agent('a', ['work'])]);
    router.retire('a');
    expect(router.tryAssign(need())).toBeNull();
    router.wait(need());
    router.reinstate('a');
    expect(seated).toHaveLength(1);
  });

  it('keeps what a worker has in hand when it announces itself again', () => {
    const { router, announce, loads } = setUp(['w1', agent('a', ['work'], 2)]);
    router.tryAssign(need());
    announce('w1', [agent('a', ['work'], 2)], new Map([['a', 9]]));
    expect(loads()).toEqual({ w1: 1 });
  });

  it('counts what a worker that is new holds already', () => {
    const { router, announce, loads } = setUp();
    router.wait(need());
    announce('w1', [agent('a', ['work'], 2)], new Map([['a', 2]]));
    expect([loads(), router.waitingCount()]).toEqual([{ w1: 2 }, 1]);
  });

  it('records the candidates, best first, at most ten, and the earlier deadline', () => {
    const limited = { ...agent('z', ['work']), limits: { concurrency: 100, timeoutMs: 5_000 } };
    const { router } = setUp(...Array.from({ length: 12 }, (_, index): [string, AgentProfile] => [`w${index}`, limited]));
    router.tryAssign(need());
    const taken = router.tryAssign({ ...need(), timeoutMs: 9_000 });
    expect(taken).toMatchObject({ worker: 'w1', deadlineAt: '1970-01-01T00:00:05.000Z' });
    expect(taken?.candidates).toHaveLength(10);
    expect(taken?.candidates[0]).toMatchObject({ load: 0, score: 0 });
  });
});
