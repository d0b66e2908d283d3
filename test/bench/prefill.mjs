import { randomFillSync } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openEmbeddedEventStore } from '@tutti/event-store/embedded';
import { createUuidV7Source } from '@tutti/kernel';
import { pause, within } from './limits.mjs';
import { openByCalls } from './tutti-by-calls.mjs';
import { startProcess } from './tutti-process.mjs';
import { W3, WAITING_FOR_A_PERSON, WAITING_ON_A_TIMER } from './workloads.mjs';

const APPENDS_AT_ONCE = 500;
/** So much is projected in one start, which has a limit. */
const EVENTS_PER_START = 1_500_000;
const TEMPLATE_LIMIT_MS = 30_000;
const LOOK_MS = 100;

const clock = { now: () => Date.now(), monotonic: () => performance.now() };
const ids = createUuidV7Source(clock, (bytes) => randomFillSync(bytes));
const runtime = {
  clock,
  ids,
  random: { next: () => Math.random() },
  timers: {
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    soon: (callback) => void setImmediate(callback),
  },
};

/** The events of one run of each kind, as the system itself recorded them in this folder. */
export async function recordTemplates(cwd) {
  const door = await openByCalls(cwd);
  try {
    await door.run(W3);
    const done = await door.start(W3);
    const person = await door.start(WAITING_FOR_A_PERSON);
    const timer = await door.start(WAITING_ON_A_TIMER);
    return {
      done: await template(door.store, done, 'RunSucceeded'),
      person: await template(door.store, person, 'ApprovalRequested'),
      timer: await template(door.store, timer, 'TaskAttemptFailed'),
    };
  } finally {
    await door.close();
  }
}

async function template(store, runId, last) {
  const read = async () => {
    for (;;) {
      const events = await Array.fromAsync(store.readStream(`run-${runId}`));
      if (events.some(({ type }) => type === last)) return events;
      await pause(LOOK_MS);
    }
  };
  const events = await within(TEMPLATE_LIMIT_MS, `${last} of run ${runId}`, read());
  const parts = events.map(({ type, schemaVersion, data, metadata }) => ({ type, schemaVersion, data, metadata }));
  return { text: JSON.stringify(parts), runId, events: events.length };
}

/** So many more runs like the template, each one append. Nothing else may have the folder open. Gives the number of events. */
export async function addRuns(cwd, template, runs) {
  const store = await openEmbeddedEventStore({ file: join(cwd, 'data', 'events.db'), runtime });
  try {
    for (let done = 0; done < runs; done += APPENDS_AT_ONCE) {
      const count = Math.min(APPENDS_AT_ONCE, runs - done);
      await Promise.all(Array.from({ length: count }, () => addRun(store, template)));
    }
    moveBusTo(cwd, await store.head());
  } finally {
    await store.close();
  }
  return runs * template.events;
}

function addRun(store, { text, runId }) {
  const id = ids.next();
  const events = JSON.parse(text.replaceAll(runId, id)).map((event) => ({ id: ids.next(), ...event }));
  return store.append(`run-${id}`, events, 'no-stream');
}

/** As after running: what is recorded has been sent. */
function moveBusTo(cwd, head) {
  const database = new DatabaseSync(join(cwd, 'data', 'bus.db'));
  const { changes } = database.prepare('UPDATE consumers SET position = ?').run(head);
  database.close();
  if (changes === 0) throw new Error('the bus has no consumer yet; start the system once before');
}

/** As {@link addRuns}, with every read model at the head in the end. */
export async function addProjectedRuns(cwd, template, runs) {
  const perStart = Math.floor(EVENTS_PER_START / template.events);
  for (let done = 0; done < runs; done += perStart) {
    await addRuns(cwd, template, Math.min(perStart, runs - done));
    await project(cwd);
  }
}

/** Lets the system itself bring every read model to the head. */
export async function project(cwd) {
  const tutti = await startProcess(cwd);
  await tutti.stop();
}
