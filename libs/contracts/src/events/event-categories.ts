import { accessEvents, keyEvents, sessionEvents } from './access-events.js';
import { agentEvents } from './agent-events.js';
import { inboxEvents } from './inbox-events.js';
import { limitEvents } from './limit-events.js';
import { messageEvents } from './message-events.js';
import { notificationEvents } from './notification-events.js';
import { objectEvents } from './object-events.js';
import { runEvents } from './run-events.js';
import { scheduleEvents } from './schedule-events.js';
import { serviceEvents } from './service-events.js';
import { taskEvents } from './task-events.js';
import { triggerEvents } from './trigger-events.js';
import { workflowEvents } from './workflow-events.js';

const CATALOGS: Readonly<Record<string, object>> = {
  run: runEvents,
  workflow: workflowEvents,
  agent: agentEvents,
  service: serviceEvents,
  conversation: messageEvents,
  object: objectEvents,
  limit: limitEvents,
  task: taskEvents,
  notification: notificationEvents,
  inbox: inboxEvents,
  schedule: scheduleEvents,
  trigger: triggerEvents,
  key: keyEvents,
  session: sessionEvents,
  access: accessEvents,
};

/** Every category of streams. */
export const EVENT_CATEGORIES: readonly string[] = Object.keys(CATALOGS);

/** Categories of streams that make up most of a log. */
export const FREQUENT_CATEGORIES: readonly string[] = ['run', 'task'];

const BY_TYPE: ReadonlyMap<string, string> = new Map(
  Object.entries(CATALOGS).flatMap(([category, events]) => Object.keys(events).map((type) => [type, category] as const)),
);

/** The category of the streams that hold events of a type; null for a type that Tutti does not record. */
export function categoryOfEventType(type: string): string | null {
  return BY_TYPE.get(type) ?? null;
}
