import { TuttiError, type JsonObject, type RecordedEvent } from '@tutti/kernel';
import { accessEvents, keyEvents, sessionEvents } from './access-events.js';
import { agentEvents } from './agent-events.js';
import type { EventDefinition } from './event-catalog.js';
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

/** Every event that Tutti records, by type. */
export const EVENT_CATALOG: Readonly<Record<string, EventDefinition>> = {
  ...runEvents,
  ...workflowEvents,
  ...agentEvents,
  ...serviceEvents,
  ...messageEvents,
  ...objectEvents,
  ...limitEvents,
  ...taskEvents,
  ...notificationEvents,
  ...inboxEvents,
  ...scheduleEvents,
  ...triggerEvents,
  ...keyEvents,
  ...sessionEvents,
  ...accessEvents,
};

/** Lifts an event's data from one schema version to the next. Pure. */
export type Upcaster = (data: JsonObject) => JsonObject;

/** By event type, then by the version it lifts from. Entries are only ever added: old events stay in stores for ever. */
export type UpcasterTable = Readonly<Record<string, Readonly<Record<number, Upcaster>>>>;

const UPCASTERS: UpcasterTable = {};

/**
 * The event at the newest version of its schema. Does not validate data: what is in the store was checked when it was written.
 *
 * @throws TuttiError DATA_DAMAGED for a type nobody knows, a version from the future, or a gap in the table
 */
export function upcast(event: RecordedEvent, catalog = EVENT_CATALOG, table: UpcasterTable = UPCASTERS): RecordedEvent {
  const definition = Object.hasOwn(catalog, event.type) ? catalog[event.type] : undefined;
  if (definition === undefined) throw unknown(event, 'a known type');
  if (event.schemaVersion === definition.schemaVersion) return event;
  if (event.schemaVersion > definition.schemaVersion)
    throw unknown(event, `version ${definition.schemaVersion} or older; a newer Tutti wrote it`);
  let data = event.data;
  for (let version = event.schemaVersion; version < definition.schemaVersion; version++) {
    const lift = table[event.type]?.[version];
    if (lift === undefined) throw unknown(event, `an upcaster from version ${version}`);
    data = lift(data);
  }
  return { ...event, data, schemaVersion: definition.schemaVersion };
}

function unknown(event: RecordedEvent, expected: string): TuttiError {
  return new TuttiError(
    'DATA_DAMAGED',
    `event ${event.id} in ${event.stream} at revision ${event.revision} is ${event.type} version ${event.schemaVersion}, expected ${expected}`,
  );
}
