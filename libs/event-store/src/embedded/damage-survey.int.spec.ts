import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { someEvents } from '../testing/contract/contract-events.js';
import { surveyDamage } from './damage-survey.js';
import { openEmbeddedEventStore } from './embedded-event-store.js';

const STREAMS = 40;
const EVENTS = 10;
const PAGE_BYTES = 4_096;

describe('survey of a damaged event store', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tutti-survey-'));
    file = join(folder, 'events.db');
    const store = await openEmbeddedEventStore({ file, runtime: createManualRuntime() });
    for (let round = 0; round < EVENTS; round++)
      for (let stream = 0; stream < STREAMS; stream++) await store.append(`thing-${stream}`, someEvents(1), 'any');
    await store.close();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('finds nothing in a whole one', () => {
    expect(surveyDamage(file)).toEqual({ events: STREAMS * EVENTS, streams: STREAMS, file: [], lost: [], lostCount: 0 });
  });

  it('names the event whose content changed', () => {
    change(`UPDATE events SET data = '{"changed":true}' WHERE position = ${positionOf(7, 4)}`);
    const { lost, lostCount, file: structure } = surveyDamage(file);
    expect({ lost, lostCount, structure }).toEqual({
      lost: [{ stream: 'thing-7', revision: 4, position: positionOf(7, 4), message: expect.stringContaining('not as it was written') }],
      lostCount: 1,
      structure: [],
    });
  });

  it('names the events that are gone, each of them', () => {
    change(`DELETE FROM events WHERE position IN (${positionOf(3, 5)}, ${positionOf(9, 0)})`);
    const { lost } = surveyDamage(file);
    expect(lost).toEqual([
      { stream: 'thing-3', revision: 5, position: null, message: expect.stringContaining('missing') },
      { stream: 'thing-9', revision: 0, position: null, message: expect.stringContaining('missing') },
    ]);
  });

  it('goes on past pages that cannot be read, and names what stood on them', () => {
    const pages = tablePages();
    expect(pages.length).toBeGreaterThan(10);
    const handle = openSync(file, 'r+');
    writeSync(handle, Buffer.alloc(PAGE_BYTES, 0xff), 0, PAGE_BYTES, ((pages[5] ?? 1) - 1) * PAGE_BYTES);
    closeSync(handle);
    const { events, lost, lostCount, file: structure } = surveyDamage(file);
    expect(structure).not.toEqual([]);
    expect(lostCount).toBeGreaterThan(0);
    expect(events + lostCount).toBe(STREAMS * EVENTS);
    for (const event of lost)
      expect(event).toMatchObject({ stream: expect.stringMatching(/^thing-\d+$/), message: expect.stringContaining('cannot be read') });
  });

  it('says of a file that is none of SQLite what it is', () => {
    writeFileSync(file, 'a shopping list');
    expect(surveyDamage(file)).toMatchObject({ events: 0, file: [expect.any(String), expect.stringContaining('not a database')] });
  });

  function positionOf(stream: number, revision: number): number {
    return revision * STREAMS + stream;
  }

  function change(sql: string): void {
    const database = new DatabaseSync(file);
    database.exec(sql);
    database.close();
  }

  /** Leaves of the table of events. */
  function tablePages(): readonly number[] {
    const database = new DatabaseSync(file);
    try {
      const root = Number(database.prepare(`SELECT rootpage FROM sqlite_schema WHERE name = 'events'`).get()?.['rootpage']);
      const pages = Number(database.prepare('PRAGMA page_count').get()?.['page_count']);
      const others = database
        .prepare(`SELECT rootpage FROM sqlite_schema WHERE name <> 'events'`)
        .all()
        .map((row) => Number(row['rootpage']));
      return Array.from({ length: pages }, (_, index) => index + 1).filter(
        (page) => page !== root && page > 1 && !others.includes(page) && isTableLeaf(page),
      );
    } finally {
      database.close();
    }
  }

  function isTableLeaf(page: number): boolean {
    const handle = openSync(file, 'r');
    const type = Buffer.alloc(1);
    readSync(handle, type, 0, 1, (page - 1) * PAGE_BYTES);
    closeSync(handle);
    return type[0] === 0x0d;
  }
});
