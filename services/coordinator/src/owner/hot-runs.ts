import { notOwner, type Ownership } from '../ownership/ownership.js';
import { nextAttempt } from '../run/run.tasks.js';
import { isOpen } from '../run/run.state.js';
import { seatsOf, type HotRun, type Seat } from './hot-run.js';
import { loadRun } from './run-loader.js';
import type { RunOwnerParts } from './run-owner-parts.js';

type HotRunsParts = Pick<RunOwnerParts, 'store' | 'plans' | 'router' | 'permits' | 'tracer'>;

interface HotRunsListener {
  /** An open run has been loaded, and the router knows it. */
  onLoaded(hot: HotRun): void;
  /** A run that has been loaded has ended; it does not stay. */
  onEnded(hot: HotRun): void;
  /** A run that has not ended, as far as it is known here, has left. */
  onLeft(hot: HotRun): void;
}

/** The open runs in memory, with what the router knows of them: every seat that a task of theirs has, every task of theirs that waits for one. */
export class HotRuns {
  private readonly hot = new Map<string, HotRun>();
  private readonly loading = new Map<string, Promise<HotRun>>();

  constructor(
    private readonly parts: HotRunsParts,
    private readonly ownership: Ownership,
    private readonly listener: HotRunsListener,
  ) {}

  get size(): number {
    return this.hot.size;
  }

  get(runId: string): HotRun | undefined {
    return this.hot.get(runId);
  }

  has(runId: string): boolean {
    return this.hot.has(runId);
  }

  values(): IterableIterator<HotRun> {
    return this.hot.values();
  }

  add(hot: HotRun): void {
    this.hot.set(hot.runId, hot);
  }

  /** An ended run leaves; it has nothing that could be given up. */
  drop(hot: HotRun): void {
    this.hot.delete(hot.runId);
  }

  /** The load that is under way. */
  underLoad(runId: string): Promise<HotRun> | undefined {
    return this.loading.get(runId);
  }

  /** Resolves when every load under way has ended, in whatever way. */
  async loaded(): Promise<void> {
    await Promise.allSettled(this.loading.values());
  }

  /**
   * The run as the store has it. It is in memory from then on if it is open.
   *
   * @throws TuttiError RUN_NOT_FOUND, NOT_OWNER, or what the store says
   */
  load(runId: string): Promise<HotRun> {
    const under = this.loading.get(runId);
    if (under !== undefined) return under;
    const loaded = loadRun(this.parts.store, this.parts.plans, runId, this.parts.tracer?.enabled)
      .then((hot) => {
        if (!this.ownership.owns(runId)) throw notOwner(runId);
        this.parts.permits.reconcile(runId, hot.state.openTasks);
        if (isOpen(hot.state)) {
          this.hot.set(runId, hot);
          this.settleIn(hot);
          this.listener.onLoaded(hot);
        } else this.listener.onEnded(hot);
        return hot;
      })
      .finally(() => this.loading.delete(runId));
    this.loading.set(runId, loaded);
    return loaded;
  }

  /** Takes the run out of memory and gives its seats up. Returns them. */
  forget(hot: HotRun): readonly Seat[] {
    return this.release(this.takeOut(hot));
  }

  /** Takes the run out of memory. Its seats, which it returns, stay taken. */
  takeOut(hot: HotRun): readonly Seat[] {
    this.listener.onLeft(hot);
    if (this.hot.get(hot.runId) === hot) this.hot.delete(hot.runId);
    for (const task of hot.parked) this.parts.router.cancelWait(hot.runId, task);
    return seatsOf(hot);
  }

  release(seats: readonly Seat[]): readonly Seat[] {
    for (const { worker, agent } of seats) this.parts.router.release(worker, agent);
    return seats;
  }

  /** Makes the router know what the loaded run has out. */
  private settleIn(hot: HotRun): void {
    const tasks = [...hot.state.openTasks];
    for (const task of tasks) {
      if (task.status !== 'assigned' || task.worker === null || task.agent === null) continue;
      this.parts.router.occupy(task.worker, task.agent);
      this.parts.router.recall(task, task.worker, task.agent);
    }
    // A seat that is free is given at once, and with it the run goes on: what it takes then is counted as it is taken.
    for (const { id } of tasks) {
      const task = hot.state.tasks.get(id);
      const attempt = task?.status === 'waiting' && hot.state.status === 'running' ? nextAttempt(task) : null;
      if (task === undefined || attempt === null || hot.parked.has(id)) continue;
      hot.parked.add(id);
      this.parts.router.wait({ ...task, runId: hot.runId, task: id, attempt });
    }
  }
}
