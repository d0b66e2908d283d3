import type { JsonObject } from '@tutti/kernel';
import { z } from 'zod';

/** A schema of JSON Schema draft-07, which is what AsyncAPI takes without saying which. Members that it does not know are allowed: they may come. */
export function schemaOf(schema: z.ZodType): JsonObject {
  const { $schema: _, ...found } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override({ jsonSchema }) {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return found as JsonObject;
}

export function reference(kind: 'schemas' | 'messages' | 'messageTraits', name: string): JsonObject {
  return { $ref: `#/components/${kind}/${name}` };
}

const text = { type: 'string' };
const nullable = { type: ['string', 'null'] };
const time = { type: 'string', format: 'date-time' };
const count = { type: 'integer', minimum: 0 };
const hash = { type: ['string', 'null'], pattern: '^[0-9a-f]{64}$' };

/** What every recorded event has, whatever its type. */
export const RECORDED_EVENT: JsonObject = {
  type: 'object',
  description: 'An event as it was recorded. Null stands for "does not apply".',
  required: ['id', 'type', 'schemaVersion', 'contentType', 'stream', 'revision', 'position', 'time', 'data', 'metadata', 'previousHash'],
  properties: {
    id: { ...text, description: 'A UUID; the same wherever the event is repeated' },
    type: text,
    schemaVersion: {
      type: 'integer',
      minimum: 1,
      description: 'Of `data`. Grows with changes that a reader of the one before would not understand',
    },
    contentType: { const: 'application/json' },
    stream: { ...text, description: '`<category>-<id>`' },
    revision: { ...count, description: 'Place in the stream: 0, 1, 2, … without gaps' },
    position: { ...count, description: 'Place in the whole log; grows, with gaps' },
    time: { ...time, description: 'When it was recorded' },
    data: { type: 'object' },
    metadata: {
      type: 'object',
      required: ['correlationId', 'causationId', 'traceparent', 'actor', 'tenant', 'subject', 'keyId'],
      properties: {
        correlationId: { ...text, description: 'Of all that one request set off; the run’s id for events of runs' },
        causationId: nullable,
        traceparent: { ...nullable, description: 'W3C Trace Context' },
        actor: text,
        tenant: text,
        subject: { ...nullable, description: 'The person whom the data is about' },
        keyId: { ...nullable, description: 'What `data` is encrypted under' },
      },
    },
    previousHash: { ...hash, description: 'Chains the events of a stream; null for the first' },
  },
};

/** CloudEvents 1.0 in binary content mode on Kafka: attributes are headers. */
const CLOUD_EVENT_PROPERTIES = {
  ce_specversion: { const: '1.0' },
  ce_id: { ...text, description: 'The same wherever the message is repeated' },
  ce_source: { ...text, format: 'uri-reference', description: '`/tutti` unless configured' },
  ce_type: text,
  ce_time: time,
  'content-type': { const: 'application/json' },
  traceparent: { ...text, description: 'W3C Trace Context of what led to it, where there is one' },
};

export const CLOUD_EVENT_HEADERS: JsonObject = {
  type: 'object',
  description: 'Values are text in UTF-8.',
  required: ['ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'ce_time', 'content-type'],
  properties: CLOUD_EVENT_PROPERTIES,
};

/** Of what is made from a recorded event. */
export const RELAYED_HEADERS: JsonObject = {
  type: 'object',
  required: [
    'ce_specversion',
    'ce_id',
    'ce_source',
    'ce_type',
    'ce_time',
    'content-type',
    'ce_subject',
    'ce_partitionkey',
    'tutti-revision',
    'tutti-position',
  ],
  properties: {
    ...CLOUD_EVENT_PROPERTIES,
    ce_time: { ...time, description: 'When the event was recorded that it is made from' },
    ce_subject: { ...text, description: 'The stream of that event' },
    ce_partitionkey: { ...text, description: 'The record’s key' },
    ce_traceparent: { ...text, description: 'As `traceparent`' },
    'tutti-revision': {
      ...text,
      pattern: '^[0-9]+$',
      description: 'Revision of that event. Drop what is not higher than the last of its stream',
    },
    'tutti-position': { ...text, pattern: '^[0-9]+$', description: 'Position of that event' },
    'tutti-member': { ...text, description: 'Of a message for one member of a group: its name' },
  },
};
