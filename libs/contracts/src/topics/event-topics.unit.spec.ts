import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { streamCategory, type RecordedEvent } from '@tutti/kernel';
import { EVENT_CATEGORIES } from '../events/event-categories.js';
import { EVENT_TOPICS, publicEvent } from './event-topics.js';

const FOLDER = join(import.meta.dirname, '../../fixtures/v1');
const fixtures = readdirSync(FOLDER).map((file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as RecordedEvent);
const runStarted = fixtures.find(({ type }) => type === 'RunStarted') as RecordedEvent;

describe('the topics of recorded events', () => {
  it('are one for each category of streams, but for keys, sessions and refusals at the door', () => {
    const missing = EVENT_CATEGORIES.filter((category) => !EVENT_TOPICS.includes(`tutti.events.${category}`));
    expect(missing).toEqual(['key', 'session', 'access']);
    expect(EVENT_TOPICS).toContain('tutti.events.run');
  });

  it('carry a whole event under its stream, with its type and version, its place and its trace', () => {
    const { id, stream, time } = runStarted;
    const traceparent = String(runStarted.metadata.traceparent);
    expect(publicEvent(runStarted)).toEqual({
      topic: 'tutti.events.run',
      message: {
        ...{ id, type: 'tutti.RunStarted.v1', key: stream, payload: runStarted, traceparent },
        headers: {
          ...{ ce_subject: stream, ce_time: time, ce_partitionkey: stream, ce_traceparent: traceparent },
          ...{ 'tutti-revision': '0', 'tutti-position': '6' },
        },
      },
    });
  });

  it('name no trace where there is none', () => {
    const { message } = publicEvent({ ...runStarted, metadata: { ...runStarted.metadata, traceparent: null } })!;
    expect(Object.keys(message)).not.toContain('traceparent');
    expect(Object.keys(message.headers)).not.toContain('ce_traceparent');
  });

  it('carry what a newer Tutti recorded, too', () => {
    const event = { ...runStarted, type: 'RunTransposed', schemaVersion: 3 };
    expect(publicEvent(event)).toMatchObject({ message: { type: 'tutti.RunTransposed.v3', payload: { type: 'RunTransposed' } } });
  });

  it('give nothing of what is confidential', () => {
    const given = fixtures.filter((event) => publicEvent(event) !== null).map(({ stream }) => streamCategory(stream));
    expect(given.length).toBeGreaterThan(50);
    for (const category of ['key', 'session', 'access']) expect(given).not.toContain(category);
  });
});
