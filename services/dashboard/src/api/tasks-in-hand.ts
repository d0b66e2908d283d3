import { listRuns, listTasks, type TaskView } from '@tutti/rest-contract';
import type { Http } from './http.js';

/** Runs whose tasks are looked at for the load of agents. */
export const MAX_RUNS_FOR_LOAD = 30;
const MAX_TASKS_PER_RUN = 1_000;

export interface TasksInHand {
  /** Those assigned now, by the agent that has them. */
  readonly byAgent: Readonly<Record<string, readonly TaskView[]>>;
  /** Whether there are more running runs than were looked at. */
  readonly partial: boolean;
}

/** What each agent does now, found in the newest running runs. */
export async function tasksInHand(http: Http, signal: AbortSignal): Promise<TasksInHand> {
  const running = { status: 'running', children: true, pageSize: MAX_RUNS_FOR_LOAD };
  const { runs, nextPageToken } = await http.ask(listRuns, { query: running, signal });
  const pages = await Promise.all(
    runs.map(({ id }) => http.ask(listTasks, { params: { id }, query: { pageSize: MAX_TASKS_PER_RUN }, signal })),
  );
  const byAgent: Record<string, TaskView[]> = {};
  for (const task of pages.flatMap(({ tasks }) => tasks)) {
    if (task.status === 'assigned' && task.agent !== '') (byAgent[task.agent] ??= []).push(task);
  }
  return { byAgent, partial: nextPageToken !== '' };
}
