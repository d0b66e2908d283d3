import type { JsonObject, RecordedEvent } from '@tutti/kernel';
import { runEvents, type RunEvent, type TaskAssignment } from '../events/run-events.js';
import { upcast } from '../events/upcasting.js';
import type { TaskAssignedMessage, TaskCancelledMessage } from '../messages/task-messages.js';
import { TASK_ASSIGNED, TASK_CANCELLED, tasksTopic } from '../messages/topics.js';
import type { RecordedMessage, RecordedTopicView } from './topic-view.js';

/** Commands to workers, derived from what runs have recorded. */
export function taskTopicView(pool: string): RecordedTopicView {
  const { TaskScheduled, TaskAssigned, TaskCancelled, TaskAttemptFailed } = runEvents;
  return {
    topic: tasksTopic(pool),
    filter: { categories: ['run'], types: [TaskScheduled.type, TaskAssigned.type, TaskCancelled.type, TaskAttemptFailed.type] },
    messages: (recorded) => messagesOf(recorded),
  };
}

function messagesOf(recorded: RecordedEvent): readonly RecordedMessage[] {
  const event = upcast(recorded) as unknown as RunEvent;
  switch (event.type) {
    case 'TaskScheduled':
    case 'TaskAssigned':
      return event.data.assignment === null ? [] : [assigned(recorded, event.data, event.data.assignment)];
    case 'TaskCancelled':
      return event.data.worker === null ? [] : [cancelled(recorded, event.data, event.data.worker, event.data.reason)];
    case 'TaskAttemptFailed': {
      const { worker, cause, error } = event.data;
      return worker === null || (cause !== 'timeout' && cause !== 'lost') ? [] : [cancelled(recorded, event.data, worker, error.message)];
    }
    default:
      return [];
  }
}

interface Scheduled {
  readonly task: string;
  readonly step: string;
  readonly capability: string;
  readonly attempt: number;
}

function assigned(
  recorded: RecordedEvent,
  { task, step, capability, attempt }: Scheduled,
  { agent, agentVersion, worker }: TaskAssignment,
): RecordedMessage {
  const payload: TaskAssignedMessage = { runId: recorded.metadata.correlationId, task, step, capability, attempt, agent, agentVersion };
  return message(recorded, TASK_ASSIGNED, worker, task, payload);
}

function cancelled(
  recorded: RecordedEvent,
  data: { readonly task: string; readonly attempt: number },
  worker: string,
  reason: string,
): RecordedMessage {
  const payload: TaskCancelledMessage = { runId: recorded.metadata.correlationId, task: data.task, attempt: data.attempt, reason };
  return message(recorded, TASK_CANCELLED, worker, data.task, payload);
}

function message(
  recorded: RecordedEvent,
  type: string,
  member: string,
  task: string,
  payload: TaskAssignedMessage | TaskCancelledMessage,
): RecordedMessage {
  const { correlationId, traceparent } = recorded.metadata;
  const base = { id: recorded.id, type, key: `${correlationId}/${task}`, member, payload: payload as unknown as JsonObject };
  return traceparent === null ? base : { ...base, traceparent };
}
