import type { Cancel, Runtime } from '@tutti/kernel';

interface Due {
  readonly atMs: number;
  readonly key: string;
}

/** Timers know nothing of a clock that is set, or of a machine that slept; so it is looked at this often at least. */
const LOOK_AGAIN_MS = 30_000;

/**
 * Calls back for each key at the earliest time asked for, on the wall clock. One timer of the runtime serves all. A key may be called more often than needed: the one
 * called looks at its state again.
 */
export class DueQueue {
  private readonly heap: Due[] = [];
  private readonly earliest = new Map<string, number>();
  private armedFor = Infinity;
  private cancelTimer: Cancel = () => {};
  private cancelLook: Cancel = () => {};
  private closed = false;

  constructor(
    private readonly runtime: Runtime,
    private readonly onDue: (key: string) => void,
  ) {}

  arm(key: string, atMs: number): void {
    if (this.closed || (this.earliest.get(key) ?? Infinity) <= atMs) return;
    this.earliest.set(key, atMs);
    this.push({ atMs, key });
    this.rearm();
  }

  close(): void {
    this.closed = true;
    this.cancelTimer();
    this.cancelLook();
    this.heap.length = 0;
    this.earliest.clear();
  }

  private fire(): void {
    this.armedFor = Infinity;
    const now = this.runtime.clock.now();
    while (this.heap[0] !== undefined && this.heap[0].atMs <= now) {
      const due = this.pop();
      // What was armed for earlier since then has been called already.
      if (this.earliest.get(due.key) !== due.atMs) continue;
      this.earliest.delete(due.key);
      this.onDue(due.key);
    }
    this.rearm();
  }

  private rearm(): void {
    const next = this.heap[0]?.atMs ?? Infinity;
    if (this.closed || next >= this.armedFor) return;
    this.cancelTimer();
    this.cancelLook();
    this.armedFor = next;
    const delayMs = Math.max(0, next - this.runtime.clock.now());
    this.cancelTimer = this.runtime.timers.after(delayMs, () => this.fire());
    if (delayMs > LOOK_AGAIN_MS) this.cancelLook = this.runtime.timers.after(LOOK_AGAIN_MS, () => this.fire(), 'upkeep');
  }

  private push(due: Due): void {
    const { heap } = this;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (timeAt(heap, parent) <= due.atMs) break;
      swap(heap, at, parent);
      at = parent;
    }
  }

  private pop(): Due {
    const { heap } = this;
    swap(heap, 0, heap.length - 1);
    const top = heap.pop() as Due;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const child = timeAt(heap, left + 1) < timeAt(heap, left) ? left + 1 : left;
      if (timeAt(heap, child) >= timeAt(heap, at)) return top;
      swap(heap, at, child);
      at = child;
    }
  }
}

function timeAt(heap: readonly Due[], index: number): number {
  return heap[index]?.atMs ?? Infinity;
}

function swap(heap: Due[], a: number, b: number): void {
  const [first, second] = [heap[a], heap[b]];
  if (first === undefined || second === undefined) return;
  heap[a] = second;
  heap[b] = first;
}
