import type { TaskLimit } from '@tutti/contracts';
import { LaneHeap } from './lane-heap.js';
import type { TaskNeed } from './task-need.js';
import { WaitingLane, type WaitingEntry } from './waiting-lane.js';

export type WaitingTask = TaskNeed;

/** What waiting tasks ask of the limits. */
export interface LimitGate {
  isFree(limit: TaskLimit): boolean;
  /** The first that has no permit; null when all have. */
  exhausted(limits: readonly TaskLimit[]): TaskLimit | null;
  demand(limits: readonly TaskLimit[], change: 1 | -1): void;
}

/** Those that wait for one capability and, where one is asked for, one agent. */
interface Queue {
  readonly capability: string;
  readonly pinnedAgent: string | null;
  readonly lanes: Map<string, WaitingLane>;
  /** Lanes that wait for an agent, or whose limit was free when it was last looked at. */
  readonly ready: LaneHeap<WaitingLane>;
  /** By the limit that holds them back. */
  readonly blocked: Map<string, LaneHeap<WaitingLane>>;
}

/**
 * Tasks without an agent: by capability and agent, then by limits, then by priority, first come first served. As long as a limit has a permit,
 * the first of the lanes that it holds back is among the ready ones, so that finding the next task never looks through all that wait.
 */
export class WaitingTasks {
  private readonly queues = new Map<string, Map<string | null, Queue>>();
  private readonly byLimit = new Map<string, Set<Queue>>();
  private readonly entries = new Map<string, { readonly entry: WaitingEntry; readonly queue: Queue }>();
  private turns = 0;

  constructor(private readonly gate: LimitGate) {}

  get size(): number {
    return this.entries.size;
  }

  add(task: TaskNeed): void {
    const id = entryKey(task.runId, task.task);
    this.removeById(id);
    const queue = this.queue(task);
    const key = laneKey(task.limits);
    let lane = queue.lanes.get(key);
    if (lane === undefined) queue.lanes.set(key, (lane = new WaitingLane(key, task.limits)));
    this.entries.set(id, { entry: lane.add(task, ++this.turns), queue });
    if (lane.heap === null) queue.ready.add(lane);
    else lane.heap.moved(lane);
    if (task.limits.length > 0) {
      if (lane.blockedBy !== null && this.gate.isFree(lane.blockedBy)) this.unblock(queue, lane);
      this.gate.demand(task.limits, 1);
    }
  }

  remove(runId: string, task: string): void {
    this.removeById(entryKey(runId, task));
  }

  /** The task whose turn it is when an agent comes free; those whose limits have no permit are passed over. It stays until it is removed. */
  first(capability: string, pinnedAgent: string | null): TaskNeed | undefined {
    const queue = this.queues.get(capability)?.get(pinnedAgent);
    if (queue === undefined) return undefined;
    for (let lane = queue.ready.top(); lane !== undefined; lane = queue.ready.top()) {
      const exhausted = lane.limits.length === 0 ? null : this.gate.exhausted(lane.limits);
      if (exhausted === null) return lane.first()?.task;
      this.block(queue, lane, exhausted);
    }
    return undefined;
  }

  /** A permit may be there: for which capability and agent to look again. */
  freed(limit: TaskLimit): readonly Pick<TaskNeed, 'capability' | 'pinnedAgent'>[] {
    const queues = [...(this.byLimit.get(limitKey(limit)) ?? [])];
    for (const queue of queues) this.pull(queue, limit);
    return queues;
  }

  private removeById(id: string): void {
    const found = this.entries.get(id);
    if (found === undefined) return;
    const { entry, queue } = found;
    const { lane, task } = entry;
    this.entries.delete(id);
    lane.remove(entry);
    if (lane.first() !== null) lane.heap?.moved(lane);
    else this.drop(queue, lane);
    if (task.limits.length === 0) return;
    this.gate.demand(task.limits, -1);
    for (const limit of task.limits) this.pull(queue, limit);
  }

  private drop(queue: Queue, lane: WaitingLane): void {
    if (lane.blockedBy === null) queue.ready.remove(lane);
    else this.leaveBlocked(queue, lane, lane.blockedBy);
    queue.lanes.delete(lane.key);
    if (queue.lanes.size > 0) return;
    const ofCapability = this.queues.get(queue.capability);
    ofCapability?.delete(queue.pinnedAgent);
    if (ofCapability?.size === 0) this.queues.delete(queue.capability);
  }

  private block(queue: Queue, lane: WaitingLane, limit: TaskLimit): void {
    queue.ready.remove(lane);
    lane.blockedBy = limit;
    const key = limitKey(limit);
    let heap = queue.blocked.get(key);
    if (heap === undefined) queue.blocked.set(key, (heap = new LaneHeap()));
    heap.add(lane);
    const queues = this.byLimit.get(key);
    if (queues === undefined) this.byLimit.set(key, new Set([queue]));
    else queues.add(queue);
    // It may have stood for lanes that wait for its other limits.
    for (const other of lane.limits) if (other !== limit) this.pull(queue, other);
  }

  private unblock(queue: Queue, lane: WaitingLane): void {
    if (lane.blockedBy === null) return;
    this.leaveBlocked(queue, lane, lane.blockedBy);
    lane.blockedBy = null;
    queue.ready.add(lane);
  }

  private leaveBlocked(queue: Queue, lane: WaitingLane, limit: TaskLimit): void {
    const key = limitKey(limit);
    const heap = queue.blocked.get(key);
    heap?.remove(lane);
    if (heap?.size !== 0) return;
    queue.blocked.delete(key);
    const queues = this.byLimit.get(key);
    queues?.delete(queue);
    if (queues?.size === 0) this.byLimit.delete(key);
  }

  /** Lets the first of those that the limit holds back try again, if there is a permit. */
  private pull(queue: Queue, limit: TaskLimit): void {
    const lane = queue.blocked.get(limitKey(limit))?.top();
    if (lane !== undefined && this.gate.isFree(limit)) this.unblock(queue, lane);
  }

  private queue({ capability, pinnedAgent }: TaskNeed): Queue {
    let ofCapability = this.queues.get(capability);
    if (ofCapability === undefined) this.queues.set(capability, (ofCapability = new Map<string | null, Queue>()));
    let queue = ofCapability.get(pinnedAgent);
    if (queue === undefined) {
      queue = { capability, pinnedAgent, lanes: new Map(), ready: new LaneHeap(), blocked: new Map() };
      ofCapability.set(pinnedAgent, queue);
    }
    return queue;
  }
}

function limitKey({ scope, limit }: TaskLimit): string {
  return `${limit} ${scope}`;
}

function laneKey(limits: readonly TaskLimit[]): string {
  return limits.length === 0 ? '' : limits.map(limitKey).join('\n');
}

function entryKey(runId: string, task: string): string {
  return `${runId}\n${task}`;
}
