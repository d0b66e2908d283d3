import { upcast, type Failure, type RunEvent } from '@tutti/contracts';
import type { JsonObject, RecordedEvent } from '@tutti/kernel';
import type { Projection } from '@tutti/read-models';
import { awaitedBy, isBegin, type AwaitedDocument, type BeginEvent } from './awaited.js';

export interface TaskDocument {
  readonly runId: string;
  readonly task: string;
  readonly step: string;
  readonly index: number | null;
  readonly capability: string;
  /** Position of the event that scheduled it: the order tasks are listed in. */
  readonly order: number;
  readonly scheduledAt: string;
  status: 'scheduled' | 'assigned' | 'waiting' | 'retrying' | 'succeeded' | 'failed' | 'cancelled';
  attempt: number;
  agent: string;
  worker: string;
  error: Failure | null;
  endedAt: string | null;
  /** Of the newest attempt; null for an agent's task. */
  awaited: AwaitedDocument | null;
}

export const tasksProjection: Projection<TaskDocument & JsonObject> = {
  name: 'tasks',
  version: 2,
  indexes: [
    ['runId', 'order'],
    ['runId', 'step', 'order'],
  ],
  handles: {
    categories: ['run'],
    types: [
      ...['TaskScheduled', 'TaskAssigned', 'TaskSucceeded', 'TaskAttemptFailed', 'TaskCancelled'],
      ...['TimerStarted', 'SignalAwaited', 'EventAwaited', 'ChildRunStarted'],
    ],
  },
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
      ...{ error: null, endedAt: null, awaited: null },
    };
  }
  if (isBegin(event)) return begun(document, event, recorded);
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

/** A first attempt, or the next one of a task that is tried again. */
function begun(document: TaskDocument | null, event: BeginEvent, recorded: RecordedEvent): TaskDocument {
  const { task, step, index, attempt } = event.data;
  const newest = { status: 'waiting', attempt, error: null, endedAt: null, awaited: awaitedBy(event) } as const;
  if (document !== null) return Object.assign(document, newest);
  const { position: order, time: scheduledAt, metadata } = recorded;
  return { runId: metadata.correlationId, task, step, index, capability: '', agent: '', worker: '', order, scheduledAt, ...newest };
}
