import type { WaitingLane } from './waiting-lane.js';

/** Lanes by their first task, the most urgent and then the oldest on top. A lane is in at most one heap. */
export class LaneHeap {
  private readonly lanes: WaitingLane[] = [];

  get size(): number {
    return this.lanes.length;
  }

  top(): WaitingLane | undefined {
    return this.lanes[0];
  }

  add(lane: WaitingLane): void {
    lane.heap = this;
    lane.place = this.lanes.push(lane) - 1;
    this.rise(lane);
  }

  remove(lane: WaitingLane): void {
    const last = this.lanes.pop();
    lane.heap = null;
    if (last === undefined || last === lane) return;
    this.put(last, lane.place);
    this.moved(last);
  }

  /** The lane's first task is another one than before. */
  moved(lane: WaitingLane): void {
    this.rise(lane);
    this.sink(lane);
  }

  private rise(lane: WaitingLane): void {
    while (lane.place > 0) {
      const parent = this.lanes[(lane.place - 1) >> 1];
      if (parent === undefined || !lane.isBefore(parent)) return;
      this.swap(lane, parent);
    }
  }

  private sink(lane: WaitingLane): void {
    for (;;) {
      const left = this.lanes[2 * lane.place + 1];
      const right = this.lanes[2 * lane.place + 2];
      const child = left !== undefined && right?.isBefore(left) === true ? right : left;
      if (child === undefined || !child.isBefore(lane)) return;
      this.swap(lane, child);
    }
  }

  private swap(a: WaitingLane, b: WaitingLane): void {
    const { place } = a;
    this.put(a, b.place);
    this.put(b, place);
  }

  private put(lane: WaitingLane, place: number): void {
    this.lanes[place] = lane;
    lane.place = place;
  }
}
