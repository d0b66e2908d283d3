import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { upcast, type ListAttemptsResponse, type RunEvent } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import { TuttiError } from '@tutti/kernel';
import { EVENT_STORE } from '@tutti/service-kit';
import { runStream } from '../owner/run-loader.js';
import { TaskHistories } from '../views/task-history.js';

const MAX_TASKS = 200;

export class ListAttempts extends Query<ListAttemptsResponse> {
  constructor(
    readonly runId: string,
    /** A task's id, or empty for every task with an attempt that did not succeed. */
    readonly task: string,
  ) {
    super();
  }
}

/** Tells a task's whole story from the run's events. */
@QueryHandler(ListAttempts)
export class ListAttemptsHandler implements IQueryHandler<ListAttempts> {
  constructor(@Inject(EVENT_STORE) private readonly store: EventStore) {}

  async execute({ runId, task }: ListAttempts): Promise<ListAttemptsResponse> {
    const histories = new TaskHistories();
    let found = false;
    for await (const recorded of this.store.readStream(runStream(runId))) {
      found = true;
      histories.apply(upcast(recorded) as unknown as RunEvent, recorded.time);
    }
    if (!found) throw new TuttiError('RUN_NOT_FOUND', `there is no run "${runId}"`);
    if (task !== '' && !histories.has(task)) throw new TuttiError('TASK_NOT_FOUND', `run ${runId} has no task "${task}"`);
    const tasks = histories.list(
      (history) => (task === '' ? history.attempts.some(({ error }) => error !== undefined) : history.task === task),
      MAX_TASKS,
    );
    return { tasks };
  }
}
