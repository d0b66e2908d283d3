import type { TaskNeed } from './task-need.js';

export interface WaitingTask extends TaskNeed {
  /** The attempt that an assignment would start. */
  readonly attempt: number;
}

/** Tasks without an agent, first come first served for each capability and, where one is asked for, agent. */
export class WaitingTasks {
  private readonly queues = new Map<string, Map<string, WaitingTask>>();
  private readonly queueOfTask = new Map<string, string>();

  get size(): number {
    return this.queueOfTask.size;
  }

  has(capability: string, pinnedAgent: string | null): boolean {
    return this.queues.has(queueKey(capability, pinnedAgent));
  }

  add(task: WaitingTask): void {
    const key = queueKey(task.capability, task.pinnedAgent);
    const id = taskKey(task.runId, task.task);
    const queue = this.queues.get(key);
    if (queue === undefined) this.queues.set(key, new Map([[id, task]]));
    else queue.set(id, task);
    this.queueOfTask.set(id, key);
  }

  remove(runId: string, task: string): void {
    const id = taskKey(runId, task);
    const key = this.queueOfTask.get(id);
    if (key === undefined) return;
    this.queueOfTask.delete(id);
    const queue = this.queues.get(key);
    queue?.delete(id);
    if (queue?.size === 0) this.queues.delete(key);
  }

  takeFirst(capability: string, pinnedAgent: string | null): WaitingTask | undefined {
    const task = this.queues.get(queueKey(capability, pinnedAgent))?.values().next().value;
    if (task !== undefined) this.remove(task.runId, task.task);
    return task;
  }
}

function queueKey(capability: string, pinnedAgent: string | null): string {
  return `${capability}\n${pinnedAgent ?? ''}`;
}

function taskKey(runId: string, task: string): string {
  return `${runId}\n${task}`;
}
