import {
  runEvents,
  TASK_ASSIGNED,
  TASK_CANCELLED,
  tasksTopic,
  upcast,
  type RunEvent,
  type TaskAssignedMessage,
  type TaskAssignment,
  type TaskCancelledMessage,
} from '@tutti/contracts';
import type { BusMessage, TopicView } from '@tutti/event-bus';
import type { JsonObject, RecordedEvent } from '@tutti/kernel';

/** Commands to workers, derived from what runs have recorded. */
export function taskTopicView(pool: string): TopicView {
  const { TaskScheduled, TaskAssigned, TaskCancelled, TaskAttemptFailed } = runEvents;
  return {
    topic: tasksTopic(pool),
    filter: { categories: ['run'], types: [TaskScheduled.type, TaskAssigned.type, TaskCancelled.type, TaskAttemptFailed.type] },
    messages: (recorded) => messagesOf(recorded),
  };
}

function messagesOf(recorded: RecordedEvent): readonly BusMessage[] {
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
): BusMessage {
  const payload: TaskAssignedMessage = { runId: recorded.metadata.correlationId, task, step, capability, attempt, agent, agentVersion };
  return message(recorded, TASK_ASSIGNED, worker, task, payload);
}

function cancelled(
  recorded: RecordedEvent,
  data: { readonly task: string; readonly attempt: number },
  worker: string,
  reason: string,
): BusMessage {
  const payload: TaskCancelledMessage = { runId: recorded.metadata.correlationId, task: data.task, attempt: data.attempt, reason };
  return message(recorded, TASK_CANCELLED, worker, data.task, payload);
}

function message(
  recorded: RecordedEvent,
  type: string,
  member: string,
  task: string,
  payload: TaskAssignedMessage | TaskCancelledMessage,
): BusMessage {
  const { correlationId, traceparent } = recorded.metadata;
  const base = { id: recorded.id, type, key: `${correlationId}/${task}`, member, payload: payload as unknown as JsonObject };
  return traceparent === null ? base : { ...base, traceparent };
}
