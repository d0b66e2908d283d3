import { nextTick } from 'node:process';
import type { Cancel } from '@tutti/kernel';
import { asError } from './as-error.js';

/** Taken here, so that a test that fakes the timers of its process fakes none of these. */
const { queueMicrotask: microtask } = globalThis;

interface Entry {
  atMs: number;
  /** Comes again and again, and changes nothing as long as nothing else happens. */
  readonly upkeep: boolean;
  /** Entries of one moment run in the order they were made in. */
  readonly order: number;
  run: (() => void) | null;
}

/** `idle`: nothing is left to happen. `overrun`: the time or the number of steps was used up. */
export type Ending = 'done' | 'idle' | 'overrun';

/**
 * Simulated time: a queue of what happens, and when. One thing at a time is taken from it, and the promises that it settles run to their end before the next.
 *
 * Node runs promise reactions in the order they became ready, which is the same in every run. All else that could be in another order next time (timers, answers,
 * deliveries) is a thing in this queue, at a time that the seed decides.
 */
export class Scheduler {
  private readonly heap: Entry[] = [];
  private order = 0;
  /** Milliseconds since the simulation began. */
  nowMs = 0;
  steps = 0;

  at(atMs: number, run: () => void, upkeep = false): Cancel {
    const entry: Entry = { atMs: Math.max(this.nowMs, atMs), upkeep, order: this.order++, run };
    this.push(entry);
    return () => {
      entry.run = null;
    };
  }

  after(delayMs: number, run: () => void, upkeep = false): Cancel {
    return this.at(this.nowMs + delayMs, run, upkeep);
  }

  /** Nothing but upkeep is left to happen. */
  get onlyUpkeep(): boolean {
    return this.heap.every(({ upkeep, run }) => upkeep || run === null);
  }

  /** Upkeep that would come before the next thing that is none is put off, as if the machine slept until shortly before that. */
  skipUpkeep(): void {
    const others = this.heap.filter(({ upkeep, run }) => !upkeep && run !== null);
    const upkeep = this.heap.filter((entry) => entry.upkeep && entry.run !== null);
    const next = Math.min(...others.map(({ atMs }) => atMs));
    const first = Math.min(...upkeep.map(({ atMs }) => atMs));
    if (!Number.isFinite(next) || first >= next) return;
    for (const entry of upkeep) entry.atMs += next - first;
    this.heap.length = 0;
    for (const entry of [...others, ...upkeep]) this.push(entry);
  }

  /**
   * Lets things happen until `isDone`, looked at after each, or there is nothing more, or the limits are reached.
   *
   * A tick that is queued from a promise reaction runs when every reaction has run, however long their chains are: that is what settles all promises between two
   * things without a turn of the real event loop.
   */
  run(isDone: () => boolean, limits: { readonly untilMs: number; readonly steps: number }): Promise<Ending> {
    return new Promise((resolve, reject) => {
      const step = (): void => {
        try {
          const ending = this.step(isDone, limits);
          if (ending !== null) return resolve(ending);
        } catch (error) {
          return reject(asError(error));
        }
        microtask(() => nextTick(step));
      };
      nextTick(step);
    });
  }

  private step(isDone: () => boolean, limits: { readonly untilMs: number; readonly steps: number }): Ending | null {
    if (isDone()) return 'done';
    let next = this.pop();
    while (next !== undefined && next.run === null) next = this.pop();
    if (next === undefined) return 'idle';
    if (next.atMs > limits.untilMs || this.steps >= limits.steps) {
      this.push(next);
      return 'overrun';
    }
    this.nowMs = next.atMs;
    this.steps++;
    next.run?.();
    return null;
  }

  private push(entry: Entry): void {
    const { heap } = this;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent] as Entry)) break;
      heap[at] = heap[parent] as Entry;
      at = parent;
    }
    heap[at] = entry;
  }

  private pop(): Entry | undefined {
    const { heap } = this;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Entry, heap[child] as Entry)) child++;
      if (!isBefore(heap[child] as Entry, last)) break;
      heap[at] = heap[child] as Entry;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
