import type { AttemptRef } from '@tutti/contracts';
import type { RunState } from '../run/run.state.js';
import type { WorkerPresence } from './worker-presence.js';

interface OpenRun {
  readonly runId: string;
  readonly state: Pick<RunState, 'openTasks'>;
}

export interface Assigned extends AttemptRef {
  readonly agent: string;
}

/** What these runs have given to the worker and have no result of. */
export function assignedTo(worker: string, runs: Iterable<OpenRun>): readonly Assigned[] {
  const found: Assigned[] = [];
  for (const { runId, state } of runs) {
    for (const task of state.openTasks) {
      if (task.status === 'assigned' && task.worker === worker)
        found.push({ runId, task: task.id, attempt: task.attempt, agent: task.agent ?? '' });
    }
  }
  return found;
}

/** What a run that was just loaded has with workers that say they do not hold it. */
export function lackedBy(presence: Pick<WorkerPresence, 'lacks'>, { runId, state }: OpenRun): readonly AttemptRef[] {
  const found: AttemptRef[] = [];
  for (const { id, attempt, status, worker } of state.openTasks) {
    const ref = { runId, task: id, attempt };
    if (status === 'assigned' && worker !== null && presence.lacks(worker, ref)) found.push(ref);
  }
  return found;
}

/** How many tasks each agent has in hand. */
export function loadsOf(assigned: readonly Assigned[]): ReadonlyMap<string, number> {
  const loads = new Map<string, number>();
  for (const { agent } of assigned) loads.set(agent, (loads.get(agent) ?? 0) + 1);
  return loads;
}
