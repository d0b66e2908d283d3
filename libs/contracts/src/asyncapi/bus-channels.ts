import type { JsonObject } from '@tutti/kernel';
import { z } from 'zod';
import { messageEvents } from '../events/message-events.js';
import { jsonValue, timestamp } from '../events/shared-schemas.js';
import { taskAssignedMessage, taskCancelledMessage } from '../messages/task-messages.js';
import { DEFAULT_POOL, TASK_ASSIGNED, TASK_CANCELLED, tasksTopic } from '../messages/topics.js';
import { RELAY_POSITION, RELAY_TOPIC } from '../topics/event-topics.js';
import { MESSAGE_SENT, MESSAGES_TOPIC } from '../topics/messages-topic-view.js';
import { reference, schemaOf } from './schemas.js';

const kafka = (topic: string): JsonObject => ({ kafka: { topic, bindingVersion: '0.5.0' } });

/** What Tutti’s own parts say to each other. To be looked at; whoever takes part is a worker, by the contracts of gRPC. */
export const BUS_CHANNELS: JsonObject = {
  tasks: {
    address: tasksTopic('{pool}'),
    title: 'Commands to workers',
    description:
      'Made from events of runs. Each is for one worker of the pool: the header `tutti-member` names it, and it stands in the partition of that name. Handed over at least once: a worker claims the attempt before it does anything, so what comes twice costs one claim.',
    parameters: { pool: { description: 'Of workers', default: DEFAULT_POOL } },
    messages: { TaskAssigned: reference('messages', 'TaskAssignedCommand'), TaskCancelled: reference('messages', 'TaskCancelledCommand') },
    bindings: kafka(tasksTopic(DEFAULT_POOL)),
  },
  messages: {
    address: MESSAGES_TOPIC,
    title: 'Messages between agents',
    description:
      'Made from `MessageSent`. Key: the recipient, whose messages come in the order they were recorded in. Each agent that listens is a group of its own.',
    messages: { MessageSent: reference('messages', 'AgentMessage') },
    bindings: kafka(MESSAGES_TOPIC),
  },
  'dead-letters': {
    address: '{topic}.dlq',
    title: 'What a group could not handle',
    description: 'Key: that of the message. Each rejected delivery is in it.',
    parameters: { topic: { description: 'Where the message was published' } },
    messages: { DeadLetter: reference('messages', 'DeadLetter') },
  },
  relay: {
    address: RELAY_TOPIC,
    title: 'How far the log is published',
    description: 'Compacted; the newest record counts. Read by the relay alone, when it begins.',
    messages: { RelayPosition: reference('messages', 'RelayPosition') },
    bindings: kafka(RELAY_TOPIC),
  },
};

const delivery = z.object({ delivery: z.int().positive(), member: z.string(), error: z.string(), time: timestamp });
const deadLetter = z.object({
  ...{
    id: z.string(),
    type: z.string(),
    key: z.string(),
    member: z.string().optional(),
    payload: jsonValue,
    traceparent: z.string().optional(),
  },
  ...{ topic: z.string(), group: z.string(), offset: z.string(), deliveries: z.int(), error: z.string(), time: timestamp },
  attempts: z.array(delivery),
});

export const BUS_MESSAGES: JsonObject = {
  TaskAssignedCommand: busMessage(TASK_ASSIGNED, 'Work for one attempt', taskAssignedMessage, 'ByTask'),
  TaskCancelledCommand: busMessage(TASK_CANCELLED, 'An attempt whose result will not count', taskCancelledMessage, 'ByTask'),
  AgentMessage: busMessage(MESSAGE_SENT, 'A message to an agent', messageEvents.MessageSent.data.extend({ timestamp }), 'ByRecipient'),
  DeadLetter: busMessage('tutti.dead-letter.v1', 'A message that a group could not handle', deadLetter, null),
  RelayPosition: busMessage(RELAY_POSITION, 'Everything up to the position is published', z.object({ position: z.int().min(-1) }), null),
};

function busMessage(name: string, title: string, payload: z.ZodType, trait: string | null): JsonObject {
  const headers = reference('schemas', trait === null ? 'CloudEventHeaders' : 'RelayedHeaders');
  return {
    name,
    title,
    headers: { allOf: [headers, { properties: { ce_type: { const: name } } }] },
    payload: schemaOf(payload),
    traits: trait === null ? [] : [reference('messageTraits', trait)],
  };
}
