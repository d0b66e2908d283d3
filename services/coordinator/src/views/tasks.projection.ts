import { upcast, type Failure, type RunEvent } from '@tutti/contracts';
import type { JsonObject, RecordedEvent } from '@tutti/kernel';
import type { Projection } from '@tutti/read-models';

export interface TaskDocument {
  readonly runId: string;
  readonly task: string;
  readonly step: string;
  readonly index: number | null;
  readonly capability: string;
  /** Position of the event that scheduled it: the order tasks are listed in. */
  readonly order: number;
  readonly scheduledAt: string;
  status: 'scheduled' | 'assigned' | 'retrying' | 'succeeded' | 'failed' | 'cancelled';
  attempt: number;
  agent: string;
  worker: string;
  error: Failure | null;
  endedAt: string | null;
}

export const tasksProjection: Projection<TaskDocument & JsonObject> = {
  name: 'tasks',
  version: 1,
  indexes: [
    ['runId', 'order'],
    ['runId', 'step', 'order'],
  ],
  handles: { categories: ['run'], types: ['TaskScheduled', 'TaskAssigned', 'TaskSucceeded', 'TaskAttemptFailed', 'TaskCancelled'] },
  keys: (event) => [`${event.metadata.correlationId}/${(event.data as { readonly task: string }).task}`],
  evolve: (document, recorded) => evolve(document, recorded) as (TaskDocument & JsonObject) | null,
};

function evolve(document: TaskDocument | null, recorded: RecordedEvent): TaskDocument | null {
  const event = upcast(recorded) as unknown as RunEvent;
  if (event.type === 'TaskScheduled') {
    const { task, step, index, capability, attempt, assignment } = event.data;
    return {
      ...{
        runId: recorded.metadata.correlationId,
        task,
        step,
        index,
        capability,
        attempt,
        order: recorded.position,
        scheduledAt: recorded.time,
      },
      ...{ status: assignment === null ? 'scheduled' : 'assigned', agent: assignment?.agent ?? '', worker: assignment?.worker ?? '' },
      ...{ error: null, endedAt: null },
    };
  }
  if (document === null) return null;
  switch (event.type) {
    case 'TaskAssigned': {
      const { attempt, assignment } = event.data;
      return Object.assign(document, {
        status: 'assigned',
        attempt,
        agent: assignment.agent,
        worker: assignment.worker,
        error: null,
        endedAt: null,
      });
    }
    case 'TaskSucceeded':
      return Object.assign(document, { status: 'succeeded', endedAt: recorded.time });
    case 'TaskAttemptFailed':
      if (event.data.retryAt !== null) return Object.assign(document, { status: 'retrying', error: event.data.error, endedAt: null });
      return Object.assign(document, { status: 'failed', error: event.data.error, endedAt: recorded.time });
    case 'TaskCancelled':
      return Object.assign(document, { status: 'cancelled', endedAt: recorded.time });
    default:
      return document;
  }
}
