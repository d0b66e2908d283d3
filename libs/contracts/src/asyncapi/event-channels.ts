import type { JsonObject } from '@tutti/kernel';
import type { EventDefinition } from '../events/event-catalog.js';
import { categoryOfEventType } from '../events/event-categories.js';
import { EVENT_CATALOG } from '../events/upcasting.js';
import { eventsTopic, PUBLIC_CATEGORIES, publicEventType } from '../topics/event-topics.js';
import { reference, schemaOf } from './schemas.js';

const WHAT: Readonly<Record<string, string>> = {
  run: 'Runs of workflows: steps, tasks, attempts, gates, approvals, timers, signals. Key `run-<id>`',
  workflow: 'Versions of workflows. Key `workflow-<name>`',
  agent: 'Agents: registration, profile, pauses. Key `agent-<name>`',
  service: 'Services and their instances. Key `service-<id>`',
  conversation: 'Messages between agents. Key `conversation-<recipient>`',
  object: 'States that agents saved. Key `object-agent-<name>`',
  limit: 'Permits of limits that several runs share. Key `limit-<scope>`',
  task: 'What was done inside a task: model calls, tool calls, effects. Key `task-<run>/<task>`',
  notification: 'What people were to be told, and whether they were. Key `notification-<channel>`',
  inbox: 'What came from outside. Key `inbox-<source>`',
  schedule: 'Schedules and when they started runs. Key `schedule-<name>`',
  trigger: 'Triggers that started nothing. Key `trigger-<workflow>`',
};

/** Each category of recorded events is a channel of its own. */
export function eventChannels(): JsonObject {
  return Object.fromEntries(
    PUBLIC_CATEGORIES.map((category) => {
      const address = eventsTopic(category);
      const types = Object.keys(EVENT_CATALOG).filter((type) => categoryOfEventType(type) === category);
      const channel = {
        address,
        title: `Recorded events: ${category}`,
        description: WHAT[category] ?? category,
        messages: Object.fromEntries(types.map((type) => [type, reference('messages', type)])),
        bindings: { kafka: { topic: address, bindingVersion: '0.5.0' } },
      };
      return [`events-${category}`, channel];
    }),
  );
}

/** By type: the newest version of each. */
export function eventMessages(): JsonObject {
  const entries = Object.values(EVENT_CATALOG).filter(({ type }) => PUBLIC_CATEGORIES.includes(categoryOfEventType(type) ?? ''));
  return Object.fromEntries(entries.map((definition) => [definition.type, eventMessage(definition)]));
}

function eventMessage({ type, schemaVersion, data }: EventDefinition): JsonObject {
  return {
    name: publicEventType(type, schemaVersion),
    title: type,
    headers: {
      allOf: [reference('schemas', 'RelayedHeaders'), { properties: { ce_type: { const: publicEventType(type, schemaVersion) } } }],
    },
    payload: {
      allOf: [
        reference('schemas', 'RecordedEvent'),
        { properties: { type: { const: type }, schemaVersion: { const: schemaVersion }, data: schemaOf(data) } },
      ],
    },
    correlationId: { location: '$message.payload#/metadata/correlationId' },
    traits: [reference('messageTraits', 'ByStream')],
  };
}
