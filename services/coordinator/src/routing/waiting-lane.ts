import { MAX_PRIORITY, MIN_PRIORITY, type TaskLimit } from '@tutti/contracts';
import type { LaneHeap } from './lane-heap.js';
import type { TaskNeed } from './task-need.js';

export interface WaitingEntry {
  readonly task: TaskNeed;
  /** Counts those that came, over all lanes. */
  readonly turn: number;
  readonly lane: WaitingLane;
  before: WaitingEntry | null;
  after: WaitingEntry | null;
}

interface Line {
  first: WaitingEntry | null;
  last: WaitingEntry | null;
}

/** Tasks that wait for the same agents and the same limits. Adding, removing and looking at the first cost the same however many there are. */
export class WaitingLane {
  /** Where the lane stands; owned by the heap. */
  heap: LaneHeap<WaitingLane> | null = null;
  place = 0;
  /** The limit that had no permit when the lane's turn came; null while it waits for an agent only. */
  blockedBy: TaskLimit | null = null;
  private readonly lines: readonly Line[] = Array.from({ length: MAX_PRIORITY - MIN_PRIORITY + 1 }, () => ({ first: null, last: null }));

  constructor(
    readonly key: string,
    readonly limits: readonly TaskLimit[],
  ) {}

  first(): WaitingEntry | null {
    for (const { first } of this.lines) if (first !== null) return first;
    return null;
  }

  isBefore(other: WaitingLane): boolean {
    const [mine, theirs] = [this.first(), other.first()];
    if (mine === null || theirs === null) return mine !== null;
    const urgency = mine.task.priority - theirs.task.priority;
    return urgency < 0 || (urgency === 0 && mine.turn < theirs.turn);
  }

  add(task: TaskNeed, turn: number): WaitingEntry {
    const line = this.line(task);
    const entry: WaitingEntry = { task, turn, lane: this, before: line.last, after: null };
    if (line.last === null) line.first = entry;
    else line.last.after = entry;
    line.last = entry;
    return entry;
  }

  remove({ task, before, after }: WaitingEntry): void {
    const line = this.line(task);
    if (before === null) line.first = after;
    else before.after = after;
    if (after === null) line.last = before;
    else after.before = before;
  }

  private line({ priority }: TaskNeed): Line {
    const place = Math.min(Math.max(priority, MIN_PRIORITY), MAX_PRIORITY) - MIN_PRIORITY;
    return this.lines[place] as Line;
  }
}
