import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NewEvent, RecordedEvent } from '@tutti/kernel';
import { startHost } from './child-processes/start-host.js';
import { connectStoreHost, type StoreHostClient } from './client/store-host-client.js';
import { realRuntime } from './real-runtime-harness.js';
import { SILENT } from './socket-harness.js';
import { storeSocketPath } from './socket-path.js';

const KILLS = 3;
const STREAMS = 10;
const MEANWHILE_MS = 250;
/** Each host is a process that compiles its sources. */
const LIMIT_MS = 120_000;

const runtime = realRuntime(1);

function someEvent(): NewEvent {
  const metadata = {
    correlationId: 'c',
    causationId: null,
    traceparent: null,
    actor: 'demo',
    tenant: 'default',
    subject: null,
    keyId: null,
  };
  return { id: runtime.ids.next(), type: 'ThingHappened', schemaVersion: 1, data: { some: 'thing' }, metadata };
}

describe('a store host that is killed and started again under load', () => {
  let folder: string;
  let remote: StoreHostClient;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tutti-hosts-'));
    // Before there is anybody to connect to.
    remote = connectStoreHost({ socketPath: storeSocketPath(folder), runtime, logger: SILENT });
  });
  afterEach(async () => {
    await remote.close();
    rmSync(folder, { recursive: true });
  });

  it(
    'loses and repeats nothing: appends are answered, subscriptions go on, messages are handled in the order of their key',
    async () => {
      const seen: RecordedEvent[] = [];
      const handled = new Map<string, number[]>();
      let running = true;
      let head = -1;
      remote.eventStore.subscribe({ after: -1, onBatch: (events, position) => void (seen.push(...events), (head = position)) });
      const subscribed = remote.eventBus.subscribe({
        topic: 'tutti.test.things',
        group: 'workers',
        member: 'anna',
        handle: async ({ key, payload }) => {
          handled.set(key, [...(handled.get(key) ?? []), (payload as { readonly revision: number }).revision]);
        },
      });
      const appendTo = async (stream: string): Promise<number> => {
        let revision = -1;
        while (running) {
          // A repeat that was taken for another append would be refused at this revision, one that was lost would leave a gap.
          const answer = await remote.eventStore.append(stream, [someEvent(), someEvent()], revision < 0 ? 'no-stream' : revision);
          expect(answer.revision).toBe(revision + 2);
          revision = answer.revision;
        }
        return revision;
      };
      const appending = Promise.all(Array.from({ length: STREAMS }, (_, index) => appendTo(`thing-${index}`)));
      // Awaited below; a failure before is told there.
      appending.catch(() => undefined);

      let host = await startHost(folder);
      await subscribed;
      for (let kill = 0; kill < KILLS; kill++) {
        await new Promise((resolve) => setTimeout(resolve, MEANWHILE_MS));
        await host.kill();
        host = await startHost(folder);
      }
      try {
        running = false;
        const revisions = await appending;
        expect(Math.min(...revisions)).toBeGreaterThan(10);
        const last = await remote.eventStore.head();
        await until(() => head >= last && revisions.every((revision, index) => handled.get(`thing-${index}`)?.at(-1) === revision));
        expect(seen.length).toBe(revisions.reduce((sum, revision) => sum + revision + 1, 0));
        expect(seen.map(({ position }) => position)).toEqual([...new Set(seen.map(({ position }) => position))].sort((a, b) => a - b));
        for (const [index, revision] of revisions.entries()) {
          const first = [...new Set(handled.get(`thing-${index}`))];
          expect(first).toEqual(Array.from({ length: revision + 1 }, (_, at) => at));
        }
      } finally {
        await host.kill();
      }
    },
    LIMIT_MS,
  );
});

async function until(holds: () => boolean): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 20) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('did not come to pass within 10 s');
}
