// Measures the embedded event store on this machine's disk. Needs `npm run build` first.
//   node test/bench/event-store.bench.mjs [folder]
import { createHash, randomFillSync } from 'node:crypto';
import { closeSync, fdatasyncSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedEventStore } from '@tutti/event-store/embedded';
import { createUuidV7Source } from '@tutti/kernel';

const APPENDS = 2_000;
const EVENTS_PER_APPEND = 3;
const ROUNDS = 12;
const SEQUENTIAL = 500;
const SYNCS = 200;

const clock = { now: () => Date.now(), monotonic: () => performance.now() };
const runtime = {
  clock,
  ids: createUuidV7Source(clock, (bytes) => randomFillSync(bytes)),
  random: { next: () => Math.random() },
  timers: {
    after: (delayMs, callback) => {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    soon: (callback) => void setImmediate(callback),
  },
};

const parent = process.argv[2] ?? tmpdir();
mkdirSync(parent, { recursive: true });
const folder = mkdtempSync(join(parent, 'tutti-bench-'));
try {
  report('one fdatasync of 40 KiB', `${(fsyncMs() / SYNCS).toFixed(2)} ms`);
  const store = await openEmbeddedEventStore({ file: join(folder, 'events.db'), runtime });
  const rates = [];
  let worstTurnMs = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const { ms, turnMs } = await measure(() => appendToAll(store, round));
    rates.push((APPENDS * EVENTS_PER_APPEND * 1_000) / ms);
    if (round > 0) worstTurnMs = Math.max(worstTurnMs, turnMs);
  }
  rates.sort((a, b) => a - b);
  report(`${APPENDS} concurrent appends of ${EVENTS_PER_APPEND} events, median of ${ROUNDS}`, perSecond(rates[ROUNDS / 2]));
  report('  best round', perSecond(rates.at(-1)));
  report('  longest turn of the loop', `${worstTurnMs.toFixed(0)} ms (with the making of the events)`);
  const sequential = await measure(() => appendOneByOne(store));
  report('one append after the other', `${(sequential.ms / SEQUENTIAL).toFixed(2)} ms each`);
  const total = APPENDS * EVENTS_PER_APPEND * ROUNDS + SEQUENTIAL;
  const readAll = await measure(() => count(store.readAll()));
  report(`read all ${total}`, perSecond((total * 1_000) / readAll.ms));
  const selective = await measure(() => count(store.readAll({ filter: { categories: ['sequential'] } })));
  report(`read the ${SEQUENTIAL} of one category among them`, `${selective.ms.toFixed(1)} ms`);
  const catchUp = await measure(() => follow(store));
  report('catch up by subscription', perSecond((total * 1_000) / catchUp.ms));
  const verify = await measure(() => store.verify());
  report('verify', perSecond((total * 1_000) / verify.ms));
  await store.close();
} finally {
  rmSync(folder, { recursive: true });
}

function someEvent(type) {
  return {
    id: runtime.ids.next(),
    type,
    schemaVersion: 1,
    data: { taskId: runtime.ids.next(), attempt: 1, result: { text: 'x'.repeat(180) }, usage: { input: 12, output: 33 } },
    metadata: {
      correlationId: runtime.ids.next(),
      causationId: runtime.ids.next(),
      traceparent: `00-${createHash('md5').update(type).digest('hex')}-00f067aa0ba902b7-01`,
      actor: 'service:coordinator',
      tenant: 'default',
      subject: null,
      keyId: null,
    },
  };
}

async function appendToAll(store, round) {
  const expected = round === 0 ? 'no-stream' : round * EVENTS_PER_APPEND - 1;
  const events = () => [someEvent('TaskCompleted'), someEvent('StepCompleted'), someEvent('TaskScheduled')];
  await Promise.all(Array.from({ length: APPENDS }, (_, index) => store.append(`run-${index}`, events(), expected)));
}

async function appendOneByOne(store) {
  for (let index = 0; index < SEQUENTIAL; index++) await store.append('sequential-1', [someEvent('Counted')], 'any');
}

async function count(events) {
  let found = 0;
  for await (const _ of events) found += 1;
  return found;
}

async function follow(store) {
  const target = await store.head();
  const { promise, resolve } = Promise.withResolvers();
  const subscription = store.subscribe({ after: -1, onBatch: (_events, head) => void (head >= target && resolve()) });
  await promise;
  await subscription.close();
}

/** Milliseconds for the work, and the longest that anything else had to wait for the loop. */
async function measure(work) {
  let turnMs = 0;
  let going = true;
  const start = performance.now();
  let last = start;
  const tick = () => {
    const now = performance.now();
    turnMs = Math.max(turnMs, now - last);
    last = now;
    if (going) setImmediate(tick);
  };
  tick();
  await work();
  going = false;
  return { ms: performance.now() - start, turnMs };
}

function fsyncMs() {
  const file = openSync(join(folder, 'sync'), 'w');
  const page = Buffer.alloc(40 * 1024);
  const start = performance.now();
  for (let index = 0; index < SYNCS; index++) {
    writeSync(file, page);
    fdatasyncSync(file);
  }
  closeSync(file);
  return performance.now() - start;
}

function perSecond(rate) {
  return `${Math.round(rate).toLocaleString('en')} events/s`;
}

function report(what, value) {
  console.log(`${what.padEnd(62)} ${value}`);
}
