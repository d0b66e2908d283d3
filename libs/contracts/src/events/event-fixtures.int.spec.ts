import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { streamCategory, type RecordedEvent } from '@tutti/kernel';
import { EVENT_CATALOG, upcast } from './upcasting.js';

interface Fixture {
  /** Like `v1/RunStarted.json`. */
  readonly file: string;
  readonly event: RecordedEvent;
}

const FOLDER = join(import.meta.dirname, '../../fixtures');
const CATEGORIES: readonly string[] = [
  'run',
  'workflow',
  'agent',
  'service',
  'conversation',
  'object',
  'task',
  'limit',
  'notification',
  'inbox',
  'schedule',
  'trigger',
  'key',
  'session',
  'access',
];

const fixtures: readonly Fixture[] = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => {
    const path = join(entry.parentPath, entry.name);
    return { file: path.slice(FOLDER.length + 1), event: JSON.parse(readFileSync(path, 'utf8')) as RecordedEvent };
  });

describe('the recorded events of earlier versions', () => {
  it('are there for every type in the catalog and every version up to its current one, and for nothing else', () => {
    const expected = Object.values(EVENT_CATALOG).flatMap(({ type, schemaVersion }) =>
      Array.from({ length: schemaVersion }, (_, index) => `v${index + 1}/${type}.json`),
    );
    expect(fixtures.map(({ file }) => file).toSorted()).toEqual(expected.toSorted());
  });

  it.each(fixtures)('$file is a whole event of the type and version that its path says', ({ file, event }) => {
    expect(file).toBe(`v${event.schemaVersion}/${event.type}.json`);
    expect(Object.keys(event).toSorted()).toEqual([
      'contentType',
      'data',
      'id',
      'metadata',
      'position',
      'previousHash',
      'revision',
      'schemaVersion',
      'stream',
      'time',
      'type',
    ]);
    expect(Object.keys(event.metadata).toSorted()).toEqual([
      'actor',
      'causationId',
      'correlationId',
      'keyId',
      'subject',
      'tenant',
      'traceparent',
    ]);
    expect(event.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(event.contentType).toBe('application/json');
    expect(CATEGORIES).toContain(streamCategory(event.stream));
    expect(event.previousHash === null).toBe(event.revision === 0);
  });

  it.each(fixtures)('$file can still be read, and nothing in it is lost', ({ event }) => {
    const lifted = upcast(event);
    const definition = EVENT_CATALOG[lifted.type];
    expect(lifted.schemaVersion).toBe(definition?.schemaVersion);
    // Members that the schema does not know are dropped by the parser, and would be missing here.
    expect(definition?.data.parse(lifted.data)).toStrictEqual(lifted.data);
  });
});
