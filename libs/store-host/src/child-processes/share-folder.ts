import { createInterface } from 'node:readline';
import { startProjection } from '@tutti/read-models';
import { openSharedFolder } from '../embedded/shared-folder.js';
import { realRuntime } from '../real-runtime-harness.js';
import { countedThings } from './counted-things.js';
import type { SharerLine, SharerTask } from './sharer.js';
import { thingEvent } from './thing-event.js';
import { THINGS } from './thing-view.js';

const APPEND_PAUSE_MS = 3;
const BLOB_BYTES = 300 * 1024;
const BLOB_PAUSE_MS = 100;
/** Longer than any takeover: what takes longer is lost. */
const WAIT_MS = 30_000;

/** One of several processes of a folder: appends, follows, consumes, stores blobs, and may fold; says what it was answered. */
const { folder, name, seed, mayHost, folds } = JSON.parse(process.argv[2] ?? '') as SharerTask;
const runtime = realRuntime(seed);
const say = (line: SharerLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const silent = (): void => {};
const logger = {
  info: silent,
  warn: silent,
  error: (message: string, fields: object = {}) => say({ breach: `${message} ${JSON.stringify(fields)}` }),
};
const pause = (ms: number) => new Promise<void>((resolve) => void runtime.timers.after(ms, resolve));

let told = false;
const shared = openSharedFolder({ dataDir: folder, mayHost, views: [THINGS], minFreeBytes: 0, runtime, logger });
shared.onStatus(() => {
  if (shared.hosting && !told) say({ hosts: true });
  told = shared.hosting;
});

let quiet = false;
let seen = 0;
let last = -1;
let head = -1;

function work(): readonly Promise<void>[] {
  const following = shared.eventStore.subscribe({
    after: -1,
    onBatch: (events, position) => {
      for (const event of events) {
        if (event.position <= last) say({ breach: `${name} saw position ${event.position} after ${last}` });
        last = event.position;
        seen += 1;
      }
      head = position;
    },
  });
  following.ended.catch((error: unknown) => say({ breach: `the subscription of ${name} ended: ${String(error)}` }));
  void shared.eventBus.subscribe({
    ...{ topic: THINGS.topic, group: 'workers', member: name, retryDelayMs: 20, maxDeliveries: 1_000 },
    handle: async ({ id }) => say({ handled: id }),
  });
  return [appendAlone(), appendTogether(), storeBlobs()];
}

/** At the revision that follows: a repeat that was taken for another append would be refused. */
async function appendAlone(): Promise<void> {
  const projecting = folds
    ? startProjection({ projection: countedThings(1), store: shared.eventStore, readModels: shared.readModels, runtime })
    : null;
  const stream = `thing-${name}-${seed}`;
  for (let count = 0; !quiet; count++) {
    const event = thingEvent(runtime);
    const { position } = await shared.eventStore.append(stream, [event], count === 0 ? 'no-stream' : count - 1);
    say({ acknowledged: event.id });
    const projection = await projecting;
    if (projection !== null && count % 10 === 0) {
      await projection.waitFor(position, WAIT_MS);
      const found = await projection.model.get(stream);
      if (found?.document.count !== count + 1)
        say({ breach: `${stream} has ${count + 1} events, its document says ${found?.document.count}` });
    }
    await pause(APPEND_PAUSE_MS);
  }
}

async function appendTogether(): Promise<void> {
  while (!quiet) {
    const event = thingEvent(runtime);
    await shared.eventStore.append('thing-common', [event], 'any');
    say({ acknowledged: event.id });
    await pause(APPEND_PAUSE_MS);
  }
}

async function storeBlobs(): Promise<void> {
  while (!quiet) {
    say({ blob: await shared.blobs.put('default', Buffer.alloc(BLOB_BYTES, runtime.ids.next())) });
    await pause(BLOB_PAUSE_MS);
  }
}

try {
  if (!(await shared.connected())) throw new Error('the folder was closed before there was a host');
  say({ connected: true });
  const working = Promise.all(work()).catch((error: unknown) => say({ breach: `${name} failed: ${String(error)}` }));
  for await (const command of createInterface({ input: process.stdin })) {
    quiet = true;
    await working;
    if (command === 'close') break;
    const position = Number(command);
    while (head < position) await pause(10);
    say({ seen });
  }
  await shared.close();
  process.exit(0);
} catch (error) {
  say({ refused: (error as { readonly code?: string }).code ?? String(error), message: String(error) });
  process.exit(1);
}
