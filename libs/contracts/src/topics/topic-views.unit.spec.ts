import { describe, expect, it } from '@jest/globals';
import type { JsonObject, RecordedEvent } from '@tutti/kernel';
import { TASK_ASSIGNED, TASK_CANCELLED } from '../messages/topics.js';
import { MESSAGE_SENT } from './messages-topic-view.js';
import { TOPIC_VIEWS } from './topic-views.js';

const [tasks, messages] = TOPIC_VIEWS;
const assignment = { agent: 'writer', agentVersion: '2', worker: 'worker-1', strategy: 'round-robin', candidates: [] };

function recorded(type: string, data: JsonObject, traceparent: string | null = null): RecordedEvent {
  const metadata = { correlationId: 'run1', causationId: null, traceparent, actor: 'a', tenant: 'default', subject: null, keyId: null };
  return { id: 'event1', type, schemaVersion: 1, data, metadata, time: '2026-01-01T00:00:00.000Z' } as unknown as RecordedEvent;
}

describe('the topics that are made from the log', () => {
  it('are the commands to workers and the messages between agents', () => {
    expect(TOPIC_VIEWS.map(({ topic }) => topic)).toEqual(['tutti.tasks.default', 'tutti.messages']);
  });

  it.each(['TaskScheduled', 'TaskAssigned'])('hand a task that %s assigned to the worker, keyed by its task', (type) => {
    const event = recorded(type, { task: 'draft', step: 'draft', capability: 'write', attempt: 2, assignment, input: { inline: 1 } });
    expect(tasks?.messages(event)).toEqual([
      {
        id: 'event1',
        type: TASK_ASSIGNED,
        key: 'run1/draft',
        member: 'worker-1',
        payload: { runId: 'run1', task: 'draft', step: 'draft', capability: 'write', attempt: 2, agent: 'writer', agentVersion: '2' },
      },
    ]);
  });

  it('say nothing of a task that nobody has yet', () => {
    expect(tasks?.messages(recorded('TaskScheduled', { task: 'draft', step: 'draft', attempt: 1, assignment: null }))).toEqual([]);
  });

  it.each(['timeout', 'lost'])('call back an attempt that ended as %s, from the worker that had it', (cause) => {
    const event = recorded('TaskAttemptFailed', { task: 'draft', attempt: 1, worker: 'worker-1', cause, error: { message: 'too late' } });
    const payload = { runId: 'run1', task: 'draft', attempt: 1, reason: 'too late' };
    expect(tasks?.messages(event)).toEqual([{ id: 'event1', type: TASK_CANCELLED, key: 'run1/draft', member: 'worker-1', payload }]);
  });

  it('call nothing back from a worker that said itself that it failed, nor where no worker had it', () => {
    const failed = { task: 'draft', attempt: 1, worker: 'worker-1', cause: 'error', error: { message: 'no' } };
    expect(tasks?.messages(recorded('TaskAttemptFailed', failed))).toEqual([]);
    expect(tasks?.messages(recorded('TaskCancelled', { task: 'draft', attempt: 1, worker: null, reason: 'over' }))).toEqual([]);
  });

  it('hand a message to its recipient, with the time at which it was recorded and the trace it belongs to', () => {
    const data = { messageId: 'm1', sender: 'a', recipient: 'b', messageType: 'hello', content: { inline: 1 }, replyTo: null };
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(messages?.messages(recorded('MessageSent', data, traceparent))).toEqual([
      { id: 'event1', type: MESSAGE_SENT, key: 'b', payload: { ...data, timestamp: '2026-01-01T00:00:00.000Z' }, traceparent },
    ]);
  });
});
