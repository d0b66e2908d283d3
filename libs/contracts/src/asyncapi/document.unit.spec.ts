import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { streamCategory, type JsonObject, type RecordedEvent } from '@tutti/kernel';
import { Ajv, type ValidateFunction } from 'ajv';
import { PUBLIC_CATEGORIES, publicEvent } from '../topics/event-topics.js';
import { TOPIC_VIEWS } from '../topics/topic-views.js';
import { asyncApiDocument } from './document.js';

interface Document {
  readonly channels: Readonly<
    Record<string, { readonly address: string; readonly messages: Readonly<Record<string, { readonly $ref: string }>> }>
  >;
  readonly components: {
    readonly messages: Readonly<Record<string, { readonly name: string; readonly payload: object; readonly headers: object }>>;
  };
}

const require = createRequire(import.meta.url);
const CHECKED_IN = new URL('../../../../docs/asyncapi.json', import.meta.url);
const FIXTURES = join(import.meta.dirname, '../../fixtures/v1');

const json = JSON.parse(JSON.stringify(asyncApiDocument('0.1.0'))) as JsonObject;
const document = json as unknown as Document;
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
ajv.addSchema({ ...json, $id: 'tutti:asyncapi' });

const fixtures = readdirSync(FIXTURES)
  .map((file) => JSON.parse(readFileSync(join(FIXTURES, file), 'utf8')) as RecordedEvent)
  .filter(({ stream }) => PUBLIC_CATEGORIES.includes(streamCategory(stream)));

/** Of a message in the document, its payload or its headers. */
function check(message: string, part: 'payload' | 'headers'): ValidateFunction {
  return ajv.getSchema(`tutti:asyncapi#/components/messages/${message}/${part}`) as ValidateFunction;
}

/** As a consumer of the record finds them. */
function headersOf({ message }: NonNullable<ReturnType<typeof publicEvent>>): JsonObject {
  const { id, type, traceparent } = message;
  const written = { ce_specversion: '1.0', ce_id: id, ce_type: type, ce_source: '/tutti', 'content-type': 'application/json' };
  return { ...written, ...(traceparent === undefined ? {} : { traceparent }), ...message.headers };
}

describe('the AsyncAPI document', () => {
  it('is valid by the schema of AsyncAPI 3.0', () => {
    const { $id: _, ...schema } = require('@asyncapi/specs/schemas/3.0.0-without-$id.json') as JsonObject;
    const validate = new Ajv({ strict: false, allErrors: false, validateFormats: false }).compile(schema);
    const valid = validate(json);
    expect({ valid, errors: validate.errors }).toEqual({ valid: true, errors: null });
  });

  it('is the one in docs/asyncapi.json: "npm run generate" writes what has changed', () => {
    expect(JSON.parse(readFileSync(CHECKED_IN, 'utf8'))).toEqual(json);
  });

  it('points to nothing that is not there', () => {
    const references = [...JSON.stringify(json).matchAll(/"\$ref":"#([^"]+)"/g)].map(([, path]) => String(path));
    expect(references.length).toBeGreaterThan(200);
    for (const path of new Set(references)) {
      const found = path
        .split('/')
        .slice(1)
        .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], json);
      expect({ path, found: typeof found }).toEqual({ path, found: 'object' });
    }
  });

  it('has a channel for each topic that is made from the log', () => {
    const addresses = Object.values(document.channels).map(({ address }) => address.replace('{pool}', 'default'));
    const made = [...TOPIC_VIEWS.map(({ topic }) => topic), ...PUBLIC_CATEGORIES.map((category) => `tutti.events.${category}`)];
    expect(addresses).toEqual(expect.arrayContaining(made));
  });

  it.each(fixtures)('describes $type as it is published, on the topic that it is on', (event) => {
    const given = publicEvent(event)!;
    const channel = Object.values(document.channels).find(({ address }) => address === given.topic);
    expect(Object.keys(channel?.messages ?? {})).toContain(event.type);
    expect(document.components.messages[event.type]?.name).toBe(given.message.type);
    const payload = check(event.type, 'payload');
    expect({ valid: payload(given.message.payload), errors: payload.errors }).toEqual({ valid: true, errors: null });
    const headers = check(event.type, 'headers');
    expect({ valid: headers(headersOf(given)), errors: headers.errors }).toEqual({ valid: true, errors: null });
  });

  it.each(fixtures)('refuses $type with the data of something else', (event) => {
    const payload = check(event.type, 'payload');
    expect(payload({ ...event, data: { nothing: 'of it' } })).toBe(false);
    expect(payload({ ...event, type: 'SomethingElse' })).toBe(false);
    expect(payload({ ...event, revision: undefined })).toBe(false);
  });

  it('takes what a newer Tutti adds', () => {
    const event = fixtures.find(({ type }) => type === 'RunStarted')!;
    expect(check('RunStarted', 'payload')({ ...event, more: 1, data: { ...event.data, more: 1 } })).toBe(true);
  });

  it('describes what the views make of recorded events', () => {
    const named = new Map(Object.entries(document.components.messages).map(([key, { name }]) => [name, key]));
    const made = fixtures.flatMap((event) =>
      TOPIC_VIEWS.filter(
        ({ filter: { categories, types } }) => categories.includes(streamCategory(event.stream)) && types.includes(event.type),
      )
        .flatMap((view) => view.messages(event))
        .map((message) => message),
    );
    expect(new Set(made.map(({ type }) => type)).size).toBe(3);
    for (const { type, payload } of made) {
      const validate = check(String(named.get(type)), 'payload');
      expect({ type, valid: validate(payload), errors: validate.errors }).toEqual({ type, valid: true, errors: null });
    }
  });
});
