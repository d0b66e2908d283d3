/** Workers of a pool take their commands here, each as a member under its worker id. */
export function tasksTopic(pool: string): string {
  return `tutti.tasks.${pool}`;
}

export const DEFAULT_POOL = 'default';
export const WORKERS_GROUP = 'workers';

export const TASK_ASSIGNED = 'tutti.task.assigned.v1';
export const TASK_CANCELLED = 'tutti.task.cancelled.v1';
