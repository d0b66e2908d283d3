import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findBrokenLink } from '@tutti/kernel';
import { createManualRuntime } from '@tutti/kernel/testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { all } from '../testing/contract/contract-events.js';
import { startTestProcess } from './child-processes/child-process.js';
import { openEmbeddedEventStore } from './embedded-event-store.js';

describe('embedded event store of a process that is killed', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tutti-killed-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('has every append that was answered, no half of one, and whole chains, each time it is killed', async () => {
    const file = join(folder, 'events.db');
    const answered = new Map<string, number>();
    for (const appends of [20, 500]) {
      const child = startTestProcess('append-until-killed', file);
      try {
        await child.prints(appends);
      } finally {
        await child.kill();
      }
      for (const line of child.lines()) {
        const [stream = '', revision] = line.split(' ');
        answered.set(stream, Number(revision));
      }
      const store = await openEmbeddedEventStore({ file, runtime: createManualRuntime() });
      for (const [stream, revision] of answered) {
        const events = await all(store.readStream(stream));
        expect(events.length).toBeGreaterThan(revision);
        expect(events.length % 3).toBe(0);
        expect(findBrokenLink(events)).toBeNull();
      }
      await expect(store.verify()).resolves.toMatchObject({ streams: 10, damage: null });
      await store.close();
    }
  });
});
