import { describe, expect, it } from '@jest/globals';
import type { AgentProfile, RoutingStrategy, TaskAssignment, TaskLimit, TaskPermit } from '@tutti/contracts';
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
    router.retire('a', 'paused');
    expect(router.tryAssign(need())).toBeNull();
    expect(router.candidates(need())).toMatchObject([{ score: null, reason: 'paused' }]);
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

  it('names the strategy in its reason', () => {
    const { router } = setUp(['w1', agent('a', ['work'], 2)]);
    expect(router.tryAssign(need())?.reason).toBe('least-loaded: the only one with the capability, 0 of 2 in hand');
    expect(router.tryAssign(need())?.candidates).toEqual([
      { agent: 'a', worker: 'w1', load: 1, capacity: 2, score: 0.5, reason: '1 of 2 in hand' },
    ]);
  });

  const by = (strategy: RoutingStrategy, key: string | null = null): WaitingTask => need('t', null, { routing: { strategy, key } });
  const priced = (name: string, costPerTask?: number): AgentProfile => ({
    ...agent(name, ['work'], 2),
    ...(costPerTask === undefined ? {} : { costPerTask }),
  });

  it('takes the cheapest while it has a free place, and one of unknown cost last', () => {
    const { router } = setUp(['w1', priced('unknown'), priced('dear', 5), priced('cheap', 1)]);
    const order = Array.from({ length: 6 }, () => router.tryAssign(by('cheapest'))?.agent);
    expect(order).toEqual(['cheap', 'cheap', 'dear', 'dear', 'unknown', 'unknown']);
  });

  it('tries each, and then takes the fastest of those of which anything succeeded', () => {
    const { router } = setUp(['w1', priced('slow'), priced('broken'), priced('fast')]);
    const first = [1, 2, 3].map(() => router.tryAssign(by('fastest'))?.agent);
    expect(first.toSorted()).toEqual(['broken', 'fast', 'slow']);
    router.release('w1', 'slow', { kind: 'succeeded', durationMs: 900 });
    router.release('w1', 'fast', { kind: 'succeeded', durationMs: 100 });
    router.release('w1', 'broken', { kind: 'failed', cause: 'error', retried: false });
    expect(router.candidates(by('fastest')).map(({ agent: name }) => name)).toEqual(['fast', 'slow', 'broken']);
    expect(router.tryAssign(by('fastest'))?.reason).toBe(
      'fastest: the best of 3 with the capability, takes 100 ms on average of late, 0 of 2 in hand',
    );
  });

  it('takes the one of which the smallest part failed', () => {
    const { router } = setUp(['w1', priced('shaky'), priced('sure')]);
    for (const name of ['shaky', 'sure']) router.release('w1', name, { kind: 'succeeded', durationMs: 1 });
    router.release('w1', 'shaky', { kind: 'failed', cause: 'timeout', retried: false });
    expect([1, 2, 3].map(() => router.tryAssign(by('most-successful'))?.agent)).toEqual(['sure', 'sure', 'shaky']);
  });

  it('keeps a key where it was, then with the same agent, then goes by load', () => {
    const { router } = setUp(['w1', agent('a', ['work'], 1)], ['w2', agent('b', ['work'], 9)], ['w3', agent('a', ['work'], 1)]);
    const places = Array.from({ length: 4 }, () => router.tryAssign(by('sticky', 'acme'))).map(
      (taken) => `${taken?.worker} ${taken?.agent}`,
    );
    expect(places).toEqual(['w1 a', 'w3 a', 'w2 b', 'w2 b']);
  });

  it('knows a key again from a task that is out already', () => {
    const { router } = setUp(['w1', agent('a', ['work'])], ['w2', agent('b', ['work'])]);
    router.recall(by('sticky', 'acme'), 'w2', 'b');
    expect(router.tryAssign(by('sticky', 'acme'))?.worker).toBe('w2');
  });

  it('seats the more urgent first, and lets it pass those that wait', () => {
    const { router, seated } = setUp(['w1', agent('a', ['work'], 1)]);
    router.tryAssign(need('first'));
    for (const [task, priority] of [
      ['low', 5],
      ['high', 1],
    ] as const)
      router.wait(need(task, null, { priority }));
    router.release('w1', 'a');
    expect(router.tryAssign(need('as urgent', null, { priority: 1 }))).toBeNull();
    router.wakeAgent('w1', 'a');
    expect(seated.map(([task]) => task)).toEqual(['high']);
    router.release('w1', 'a');
    expect(router.tryAssign(need('more urgent', null, { priority: 4 }))).not.toBeNull();
  });

  it('gives an agent of several capabilities the most urgent task of all of them', () => {
    const { router, seated, announce } = setUp();
    router.wait(need('work', null, { priority: 3 }));
    router.wait(need('play', null, { priority: 2, capability: 'play' }));
    announce('w1', [agent('a', ['work', 'play'], 1)]);
    expect(seated.map(([task]) => task)).toEqual(['play']);
  });

  const limit: TaskLimit = { kind: 'concurrency', scope: 'x', limit: 1, perMs: null };
  const limited = (task: string): WaitingTask => need(task, null, { limits: [limit] });

  it('takes a permit with the seat, and neither when one is missing', () => {
    const { router, loads } = setUp(['w1', agent('a', ['work'])]);
    expect(router.tryAssign(limited('first'))?.permits).toEqual([{ scope: 'x', lease: 'mine' }]);
    expect(router.tryAssign(limited('second'))).toBeNull();
    expect(loads()).toEqual({ w1: 1 });
  });

  it('takes no permit when there is no seat', () => {
    const { router, permits } = setUp();
    expect(router.tryAssign(limited('first'))).toBeNull();
    router.wait(limited('first'));
    expect(permits.isFree(limit)).toBe(true);
  });

  it('seats who waits for a permit when one comes back, and lets others pass meanwhile', () => {
    const { router, seated, permits } = setUp(['w1', agent('a', ['work'])]);
    router.tryAssign(limited('first'));
    router.wait(limited('second'));
    expect(router.tryAssign(need('free'))).not.toBeNull();
    permits.free(limit);
    expect(seated.map(([task]) => task)).toEqual(['second']);
  });

  it('gives an agent that fails again and again nothing until the cool-down is over, then one task', async () => {
    const { router, seated, runtime } = setUp(['w1', agent('a', ['work'], 9)]);
    for (let failure = 0; failure < 3; failure++) {
      router.tryAssign(need());
      router.release('w1', 'a', { kind: 'failed', cause: 'error', retried: false });
    }
    expect(router.tryAssign(need())).toBeNull();
    ['probe', 'after'].forEach((task) => router.wait(need(task)));
    await runtime.advance(29_999);
    expect(seated).toEqual([]);
    await runtime.advance(1);
    expect(seated.map(([task]) => task)).toEqual(['probe']);
    router.release('w1', 'a', { kind: 'succeeded', durationMs: 1 });
    await runtime.advance(0);
    expect(seated.map(([task]) => task)).toEqual(['probe', 'after']);
  });

  it.each([
    ['was taken back', null],
    ['is tried again', { kind: 'failed', cause: 'error', retried: true }],
    ['succeeded', { kind: 'succeeded', durationMs: 1 }],
  ] as const)('gives what waits for an agent to any of its workers once the probe with one %s', async (_, end) => {
    const { router, seated, runtime } = setUp(['w1', agent('a', ['work'], 1)], ['w2', agent('a', ['work'], 1)]);
    for (let failure = 0; failure < 3; failure++) router.release('w1', 'a', { kind: 'failed', cause: 'timeout', retried: false });
    await runtime.advance(30_000);
    const probe = router.tryAssign(need('probe'))?.worker ?? '';
    router.wait(need('next'));
    expect(seated).toEqual([]);
    router.remove(probe);
    router.release(probe, 'a', end);
    router.wakeAgent(probe, 'a');
    await runtime.advance(0);
    expect(seated.map(([task]) => task)).toEqual(['next']);
  });

  it('looks again at a breaker whose timer fires a little early', async () => {
    const { router, seated, runtime } = setUp(['w1', agent('a', ['work'], 1)]);
    const { after } = runtime.timers;
    Object.assign(runtime.timers, { after: (ms: number, callback: () => void) => after(ms > 1 ? ms - 1 : ms, callback) });
    for (let failure = 0; failure < 3; failure++) router.release('w1', 'a', { kind: 'failed', cause: 'timeout', retried: false });
    router.wait(need());
    await runtime.advance(30_000);
    expect(seated).toHaveLength(1);
  });

  it('sends tasks to another agent while the breaker of one is open', () => {
    const { router } = setUp(['w1', agent('a', ['work'], 9)], ['w2', agent('b', ['work'], 1)]);
    for (let failure = 0; failure < 3; failure++) router.release('w1', 'a', { kind: 'failed', cause: 'timeout', retried: false });
    expect(router.tryAssign(need())).toMatchObject({
      agent: 'b',
      candidates: [{ agent: 'b' }, { agent: 'a', score: null, reason: expect.stringMatching(/^its breaker opened after 3 failures/) }],
    });
  });
});
