/** Lanes by their first task, the most urgent and then the oldest on top. A lane is in at most one heap. */
export class LaneHeap<Lane extends { heap: object | null; place: number; isBefore(other: Lane): boolean }> {
  private readonly lanes: Lane[] = [];

  get size(): number {
    return this.lanes.length;
  }

  top(): Lane | undefined {
    return this.lanes[0];
  }

  add(lane: Lane): void {
    lane.heap = this;
    lane.place = this.lanes.push(lane) - 1;
    this.rise(lane);
  }

  remove(lane: Lane): void {
    const last = this.lanes.pop();
    lane.heap = null;
    if (last === undefined || last === lane) return;
    this.put(last, lane.place);
    this.moved(last);
  }

  /** The lane's first task is another one than before. */
  moved(lane: Lane): void {
    this.rise(lane);
    this.sink(lane);
  }

  private rise(lane: Lane): void {
    while (lane.place > 0) {
      const parent = this.lanes[(lane.place - 1) >> 1];
      if (parent === undefined || !lane.isBefore(parent)) return;
      this.swap(lane, parent);
    }
  }

  private sink(lane: Lane): void {
    for (;;) {
      const left = this.lanes[2 * lane.place + 1];
      const right = this.lanes[2 * lane.place + 2];
      const child = left !== undefined && right?.isBefore(left) === true ? right : left;
      if (child === undefined || !child.isBefore(lane)) return;
      this.swap(lane, child);
    }
  }

  private swap(a: Lane, b: Lane): void {
    const { place } = a;
    this.put(a, b.place);
    this.put(b, place);
  }

  private put(lane: Lane, place: number): void {
    this.lanes[place] = lane;
    lane.place = place;
  }
}
