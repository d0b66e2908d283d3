import { describe, expect, it } from '@jest/globals';
import type { TaskLimit } from '@tutti/contracts';
import { seededRandom } from '@tutti/kernel/testing';
import { NO_LIMITS, type TaskNeed } from './task-need.js';
import { WaitingTasks } from './waiting-tasks.js';

const limit = (scope: string, most = 1): TaskLimit => ({ kind: 'concurrency', scope, limit: most, perMs: null });
const task = (name: string, priority = 3, limits: readonly TaskLimit[] = NO_LIMITS, capability = 'work'): TaskNeed => ({
  ...{ runId: 'r', task: name, attempt: 1, capability, pinnedAgent: null, timeoutMs: null, routing: null },
  ...{ priority, limits },
});

/** Counts looks, so that a test can say how many it takes to find the next task. */
class Gate {
  readonly taken = new Map<string, number>();
  looks = 0;

  isFree({ scope, limit: most }: TaskLimit): boolean {
    this.looks++;
    return (this.taken.get(scope) ?? 0) < most;
  }

  exhausted(limits: readonly TaskLimit[]): TaskLimit | null {
    return limits.find((each) => !this.isFree(each)) ?? null;
  }

  demand(): void {}

  take(limits: readonly TaskLimit[], change: 1 | -1 = 1): void {
    for (const { scope } of limits) this.taken.set(scope, (this.taken.get(scope) ?? 0) + change);
  }
}

function setUp() {
  const gate = new Gate();
  const waiting = new WaitingTasks(gate);
  const next = (): TaskNeed | undefined => {
    const first = waiting.first('work', null);
    if (first === undefined) return undefined;
    waiting.remove(first.runId, first.task);
    gate.take(first.limits);
    return first;
  };
  const drain = (): readonly string[] => {
    const names: string[] = [];
    for (let found = next(); found !== undefined; found = next()) names.push(found.task);
    return names;
  };
  return { gate, waiting, next, drain };
}

describe('WaitingTasks', () => {
  it('gives the most urgent first, and of the same priority the one that came first', () => {
    const { waiting, drain } = setUp();
    for (const [name, priority] of [['c', 3], ['d', 3], ['a', 1], ['e', 5], ['b', 1]] as const) waiting.add(task(name, priority)); // prettier-ignore
    expect(drain()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('goes over lanes by priority and turn as over one', () => {
    const { waiting, drain } = setUp();
    waiting.add(task('a', 3, [limit('x', 9)]));
    waiting.add(task('b', 3));
    waiting.add(task('c', 3, [limit('y', 9)]));
    waiting.add(task('first', 2, [limit('y', 9)]));
    expect(drain()).toEqual(['first', 'a', 'b', 'c']);
  });

  it('passes over those whose limit has no permit, until one is freed', () => {
    const { gate, waiting, drain } = setUp();
    waiting.add(task('a1', 1, [limit('x')]));
    waiting.add(task('a2', 1, [limit('x')]));
    waiting.add(task('b', 5));
    expect(drain()).toEqual(['a1', 'b']);
    gate.take([limit('x')], -1);
    expect(waiting.freed(limit('x'))).toMatchObject([{ capability: 'work', pinnedAgent: null }]);
    expect(drain()).toEqual(['a2']);
    expect(waiting.freed(limit('x'))).toEqual([]);
  });

  it('lets one who comes later and is more urgent go first when the limit that held the lane back is free', () => {
    const { gate, waiting, drain } = setUp();
    waiting.add(task('a1', 3, [limit('x')]));
    waiting.add(task('a2', 3, [limit('x')]));
    expect(drain()).toEqual(['a1']);
    gate.take([limit('x')], -1);
    waiting.add(task('urgent', 1, [limit('x')]));
    expect(drain()).toEqual(['urgent']);
  });

  it('does not hold others back by one that waits for another limit as well', () => {
    const { gate, waiting, drain } = setUp();
    gate.take([limit('shared'), limit('own')]);
    waiting.add(task('both', 1, [limit('shared'), limit('own')]));
    waiting.add(task('one', 3, [limit('shared')]));
    expect(drain()).toEqual([]);
    gate.take([limit('shared')], -1);
    waiting.freed(limit('shared'));
    expect(drain()).toEqual(['one']);
  });

  it('does not hold others back by one that was waiting and is no more', () => {
    const { gate, waiting, drain } = setUp();
    gate.take([limit('shared')]);
    waiting.add(task('gone', 1, [limit('shared'), limit('own')]));
    waiting.add(task('stays', 3, [limit('shared')]));
    expect(drain()).toEqual([]);
    gate.take([limit('shared')], -1);
    waiting.freed(limit('shared'));
    waiting.remove('r', 'gone');
    expect([drain(), waiting.size]).toEqual([['stays'], 0]);
  });

  it('wakes those of every capability that share a limit', () => {
    const { gate, waiting } = setUp();
    gate.take([limit('x')]);
    for (const capability of ['work', 'play']) {
      waiting.add(task(capability, 3, [limit('x')], capability));
      expect(waiting.first(capability, null)).toBeUndefined();
    }
    gate.take([limit('x')], -1);
    expect(waiting.freed(limit('x')).map(({ capability }) => capability)).toEqual(['work', 'play']);
  });

  it('holds a task once, however often it is added', () => {
    const { waiting, drain } = setUp();
    waiting.add(task('a'));
    waiting.add(task('a', 1));
    expect([waiting.size, drain()]).toEqual([1, ['a']]);
  });

  it('finds the next of 100,000 that wait for a permit without looking through them', () => {
    const { gate, waiting, next } = setUp();
    const shared = limit('shared', 10);
    for (let each = 0; each < 100_000; each++) waiting.add(task(`t${each}`, 3, [shared, limit(`own-${each}`)]));
    gate.looks = 0;
    for (let each = 0; each < 10; each++) expect(next()?.task).toBe(`t${each}`);
    expect(next()).toBeUndefined();
    const once = gate.looks;
    for (let each = 10; each < 1_010; each++) {
      gate.take([shared], -1);
      waiting.freed(shared);
      expect(next()?.task).toBe(`t${each}`);
    }
    // Each lane is put aside once; from then on only as many are looked at as permits come free.
    expect(once).toBeLessThan(300_000);
    expect(gate.looks - once).toBeLessThan(20_000);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('gives what a look through all would give, whatever comes and goes: %i', (seed) => {
    const { gate, waiting } = setUp();
    const random = seededRandom(seed);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random.next() * from.length)] as T;
    const scopes = ['x', 'y', 'z'].map((scope) => limit(scope, 2));
    const model: TaskNeed[] = [];
    for (let turn = 0; turn < 500; turn++) {
      const chance = random.next();
      if (chance < 0.45) {
        const added = task(
          `t${turn}`,
          1 + Math.floor(random.next() * 5),
          scopes.filter(() => random.next() < 0.4),
        );
        model.push(added);
        waiting.add(added);
      } else if (chance < 0.55 && model.length > 0) {
        const [removed] = model.splice(Math.floor(random.next() * model.length), 1);
        if (removed !== undefined) waiting.remove('r', removed.task);
      } else if (chance < 0.75) {
        const freed = pick(scopes);
        if ((gate.taken.get(freed.scope) ?? 0) > 0) gate.take([freed], -1);
        waiting.freed(freed);
      } else {
        const expected = model.filter(({ limits }) => gate.exhausted(limits) === null).toSorted((a, b) => a.priority - b.priority)[0];
        const found = waiting.first('work', null);
        expect(found?.task).toBe(expected?.task);
        if (found === undefined) continue;
        model.splice(model.indexOf(found), 1);
        waiting.remove('r', found.task);
        // Taken before it is removed in the router, after it here: either must do.
        gate.take(found.limits);
      }
    }
    expect(waiting.size).toBe(model.length);
  });
});
