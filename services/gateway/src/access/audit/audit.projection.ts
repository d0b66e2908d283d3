import { isJsonObject, streamCategory, type JsonObject, type JsonValue, type RecordedEvent } from '@tutti/kernel';
import type { Projection } from '@tutti/read-models';
import { AUDITED_TYPES } from './audited-types.js';

const MOST_DETAILS = 16;
const LONGEST_DETAIL = 200;
const POSITION_DIGITS = 16;
/** Recorded by the gateway of what others tried. */
const REFUSALS = 'AccessRefused';

export interface AuditDocument extends JsonObject {
  readonly id: string;
  readonly position: number;
  readonly time: string;
  readonly actor: string;
  readonly type: string;
  readonly category: string;
  readonly stream: string;
  readonly revision: number;
  readonly correlationId: string;
  readonly details: JsonObject;
}

/**
 * One document for each event that somebody made: a person, a key, an agent through the door. What services do by themselves is left out, and costs no more than a look
 * at its actor; most of it is not even read, by its type.
 */
export const auditProjection: Projection<AuditDocument> = {
  name: 'audit',
  version: 1,
  indexes: [['time'], ['actor', 'time'], ['category', 'time']],
  handles: { types: AUDITED_TYPES },
  keys: (event) => (isSomebodys(event) ? [String(event.position).padStart(POSITION_DIGITS, '0')] : []),
  evolve: (_, event) => entryOf(event),
};

function isSomebodys({ type, metadata }: RecordedEvent): boolean {
  return !metadata.actor.startsWith('service:') || type === REFUSALS;
}

function entryOf({ id, position, time, type, stream, revision, data, metadata }: RecordedEvent): AuditDocument {
  const { actor, correlationId } = metadata;
  return {
    id,
    position,
    time,
    actor,
    type,
    category: streamCategory(stream),
    stream,
    revision,
    correlationId,
    details: detailsOf(type, data),
  };
}

/** Short values of the first level: no inputs or payloads, and no hashes. */
function detailsOf(type: string, data: JsonObject): JsonObject {
  // What is refused has its lists, each of a few short texts.
  if (type === REFUSALS) return data;
  const details: Record<string, JsonValue> = {};
  let count = 0;
  for (const [name, value] of Object.entries(data)) {
    const shown = name === 'grant' ? textOfGrant(value) : value;
    if (!isShort(shown) || /hash$/i.test(name)) continue;
    details[name] = shown;
    if (++count === MOST_DETAILS) break;
  }
  return details;
}

function isShort(value: JsonValue): boolean {
  if (typeof value === 'string') return value !== '' && value.length <= LONGEST_DETAIL;
  return typeof value === 'number' || typeof value === 'boolean';
}

/** What a key or session was given is what an auditor asks first. */
function textOfGrant(grant: JsonValue): JsonValue {
  if (!isJsonObject(grant)) return grant;
  const { role = null, permissions = [] } = grant;
  return role ?? (Array.isArray(permissions) ? permissions.join(' ').slice(0, LONGEST_DETAIL) : permissions);
}
