import { createManualRuntime } from '@tutti/kernel/testing';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CreateEventStoreHarness } from '../testing/contract/contract-case.js';
import { openEmbeddedEventStore, type EmbeddedEventStore } from './embedded-event-store.js';

/** A crash is a copy of the files as they stand: what the kernel would still have after the process is killed. */
export const embeddedHarness: CreateEventStoreHarness = async () => {
  const root = mkdtempSync(join(tmpdir(), 'tutti-events-'));
  const runtime = createManualRuntime();
  const opened: EmbeddedEventStore[] = [];
  let folder = join(root, '0');
  const open = async () => {
    const store = await openEmbeddedEventStore({ file: join(folder, 'events.db'), runtime });
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
};
