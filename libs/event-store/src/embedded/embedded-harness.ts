import { createManualRuntime } from '@tutti/kernel/testing';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CreateEventStoreHarness, EventStoreHarness } from '../testing/contract/contract-case.js';
import { openEmbeddedEventStore, type EmbeddedEventStore, type EmbeddedEventStoreOptions } from './embedded-event-store.js';

/** Commits in the calling thread. */
export const embeddedHarness: CreateEventStoreHarness = () => createHarness({});

/** Commits in a thread of its own; types of the contract's streams stand in no index. */
export const threadedHarness: CreateEventStoreHarness = () => createHarness({ writerThread: true, frequentCategories: ['thing', 'order'] });

/** A crash is a copy of the files as they stand: what the kernel would still have after the process is killed. */
async function createHarness(options: Partial<EmbeddedEventStoreOptions>): Promise<EventStoreHarness> {
  const root = mkdtempSync(join(tmpdir(), 'tutti-events-'));
  const runtime = createManualRuntime();
  const opened: EmbeddedEventStore[] = [];
  let folder = join(root, '0');
  const open = async () => {
    const store = await openEmbeddedEventStore({ file: join(folder, 'events.db'), runtime, ...options });
    opened.push(store);
    return store;
  };
  return {
    store: await open(),
    reopen: async () => {
      await opened.at(-1)?.close();
      return open();
    },
    crash: async () => {
      const copy = join(root, String(opened.length));
      cpSync(folder, copy, { recursive: true, filter: (path) => !path.endsWith('-shm') });
      folder = copy;
      return open();
    },
    close: async () => {
      await Promise.all(opened.map((store) => store.close()));
      rmSync(root, { recursive: true });
    },
  };
}
