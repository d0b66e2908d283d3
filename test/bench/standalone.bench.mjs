// Measures the standalone process on this machine's disk. Needs `npm run build` first.
//   node test/bench/standalone.bench.mjs [folder]
// W3: runs of three sequential tasks of 200 bytes in and out, 500 in flight. F100: runs of a list of 100 tasks, 8 in flight.
// A step is one task with all that belongs to it: scheduled, assigned, sent to the worker, claimed, worked on, its result durable.
// By calls: this process holds the service and the caller. By REST: the service is a process of its own, this one calls.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { readConfig, startStandalone } from '../../services/standalone/dist/index.js';

const WORKLOADS = [
  { name: 'W3', workflow: 'three-steps', inFlight: 500, runs: 3_000, steps: 3 },
  { name: 'F100', workflow: 'hundred-items', inFlight: 8, runs: 80, steps: 100 },
];
const IDLE_RUNS = 50;
const ROUNDS = 3;
const TEXT = 'x'.repeat(188);
const RUN_LIMIT_MS = 60_000;
const START_LIMIT_MS = 30_000;
const FEED_LIMIT_MS = 10_000;
const MAIN = fileURLToPath(new URL('../../services/standalone/dist/main.js', import.meta.url));
const ENDED = new Set(['RunSucceeded', 'RunFailed', 'RunCancelled']);

const parent = process.argv[2] ?? tmpdir();
mkdirSync(parent, { recursive: true });
const folder = mkdtempSync(join(parent, 'tutti-bench-'));
try {
  writeFixtures();
  const byCalls = await measureDoor('by calls', await openCalls());
  const byRest = await measureDoor('by REST', await openRest());
  for (const { name } of WORKLOADS) {
    const { shape } = byCalls[name];
    const ceiling = median(Array.from({ length: ROUNDS }, (_, round) => insertRecords(join(folder, `ceiling-${name}-${round}.db`), shape)));
    report(`${name}: ${shape.perStep.toFixed(1)} records a step of ${shape.bytes} bytes, node:sqlite alone`, `${rate(ceiling)} steps/s`);
    report(`${name}: by calls / node:sqlite alone`, `1 : ${(ceiling / byCalls[name].stepsPerSecond).toFixed(1)}`);
    report(`${name}: by REST / node:sqlite alone`, `1 : ${(ceiling / byRest[name].stepsPerSecond).toFixed(1)}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}

async function measureDoor(label, door) {
  const results = {};
  try {
    await carry(door, { ...WORKLOADS[0], runs: 1_000 });
    const latencies = [];
    for (let run = 0; run < IDLE_RUNS; run++) {
      const start = performance.now();
      await door.run('three-steps');
      latencies.push(performance.now() - start);
    }
    latencies.sort((a, b) => a - b);
    report(`W3 alone, ${label}, median and worst of ${IDLE_RUNS}`, `${median(latencies).toFixed(1)} ms, ${latencies.at(-1).toFixed(1)} ms`);
    for (const workload of WORKLOADS) {
      const before = await door.head?.();
      const rates = [];
      const cpu = process.cpuUsage();
      for (let round = 0; round < ROUNDS; round++) rates.push(await carry(door, workload));
      const { user, system } = process.cpuUsage(cpu);
      const stepsPerCpuSecond = (ROUNDS * workload.runs * workload.steps * 1_000_000) / (user + system);
      const shape = door.shape === undefined ? undefined : await door.shape(before, workload.runs * workload.steps * ROUNDS);
      results[workload.name] = { stepsPerSecond: median(rates), shape };
      report(
        `${workload.name} ${label}, ${workload.inFlight} in flight, median of ${ROUNDS}`,
        `${rate(median(rates))} steps/s (${rates.map(rate).join(', ')})`,
      );
      // Less at the mercy of what else runs on the machine. Only here, where the whole system is in this process.
      if (door.shape !== undefined)
        report(`${workload.name} ${label}, for each second of CPU time, all threads`, `${rate(stepsPerCpuSecond)} steps`);
    }
  } finally {
    await door.close();
  }
  return results;
}

/** Steps per second. */
async function carry(door, { workflow, inFlight, runs, steps }) {
  let left = runs;
  const lane = async () => {
    while (left-- > 0) await door.run(workflow);
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: inFlight }, lane));
  return (runs * steps * 1_000) / (performance.now() - start);
}

/** Waits for ends of runs by their events, whichever comes first: the end or the question. */
function endings() {
  const early = new Map();
  const waiting = new Map();
  return {
    ended(runId, type) {
      const resolve = waiting.get(runId);
      if (resolve === undefined) early.set(runId, type);
      else resolve(type);
      waiting.delete(runId);
    },
    async of(runId) {
      const type =
        early.get(runId) ?? (await within(RUN_LIMIT_MS, `the end of run ${runId}`, new Promise((resolve) => waiting.set(runId, resolve))));
      early.delete(runId);
      if (type !== 'RunSucceeded') throw new Error(`run ${runId}: ${type}`);
    },
  };
}

async function openCalls() {
  const cwd = join(folder, 'calls');
  const config = await readConfig(cwd, {}, { dataDir: join(cwd, 'data'), port: '0' });
  const standalone = await startStandalone({ config, cwd, environment: {}, version: 'bench', pid: process.pid });
  const ends = endings();
  const onBatch = (events) => {
    for (const event of events) ends.ended(event.metadata.correlationId, event.type);
  };
  const filter = { categories: ['run'], types: [...ENDED] };
  const subscription = standalone.store.subscribe({ after: await standalone.store.head(), filter, onBatch });
  return {
    async run(workflow) {
      const started = await standalone.runs.startRun({
        workflow,
        workflowVersion: 0,
        inputs: inputs(),
        labels: {},
        idempotencyKey: '',
        actor: 'user:bench',
      });
      await ends.of(started.runId);
    },
    head: () => standalone.store.head(),
    /** What a step left in the store. */
    async shape(after, steps) {
      let events = 0;
      let bytes = 0;
      for await (const event of standalone.store.readAll({ from: after + 1 })) {
        events++;
        bytes += JSON.stringify(event.data).length + JSON.stringify(event.metadata).length;
      }
      return { perStep: events / steps, bytes: Math.round(bytes / events) };
    },
    async close() {
      await subscription.close();
      await standalone.stop();
    },
  };
}

async function openRest() {
  const cwd = join(folder, 'rest');
  const child = spawn(process.execPath, [MAIN, '--data-dir', join(cwd, 'data'), '--port', '0'], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const exit = once(child, 'exit');
  const url = await within(START_LIMIT_MS, 'the start', readyUrl(child));
  const token = readFileSync(join(cwd, 'data', 'token'), 'utf8').trim();
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const ends = endings();
  const feed = await openFeed(url, token, ends);
  return {
    async run(workflow) {
      const { runId } = await post(agent, `${url}/v1/runs`, token, { workflow, inputs: inputs() });
      await ends.of(runId);
    },
    async close() {
      feed.close();
      agent.destroy();
      child.kill('SIGTERM');
      await within(START_LIMIT_MS, 'the stop', exit);
    },
  };
}

async function openFeed(url, token, ends) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/feed`, ['tutti.v1', `tutti.token.${token}`]);
  await within(FEED_LIMIT_MS, 'the feed', once(socket, 'open'));
  const ready = Promise.withResolvers();
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === 'event') ends.ended(message.event.metadata.correlationId, message.event.type);
    if (message.type === 'caught-up') ready.resolve();
    if (message.type === 'error') ready.reject(new Error(JSON.stringify(message.problem)));
  });
  socket.send(JSON.stringify({ type: 'subscribe', id: 'ends', after: 'head', categories: ['run'], types: [...ENDED] }));
  await within(FEED_LIMIT_MS, 'the feed', ready.promise);
  return socket;
}

async function readyUrl(child) {
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('ready ')) return line.slice('ready '.length);
  }
  throw new Error('the process ended before it was ready');
}

function post(agent, url, token, body) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const { promise, resolve, reject } = Promise.withResolvers();
  const sent = request(url, { method: 'POST', agent, headers, timeout: RUN_LIMIT_MS }, (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (part) => (text += part));
    response.on('end', () => (response.statusCode < 300 ? resolve(JSON.parse(text)) : reject(new Error(`${response.statusCode} ${text}`))));
  });
  sent.on('timeout', () => sent.destroy(new Error(`no answer from ${url} within ${RUN_LIMIT_MS} ms`)));
  sent.on('error', reject);
  sent.end(JSON.stringify(body));
  return promise;
}

/**
 * The ceiling: as many records of that size as the steps left, inserted one by one into node:sqlite under group commit (as many in one transaction
 * as 500 runs have at once), durable as the store's are. No index but the key, no hash, nobody reads. Steps per second.
 */
function insertRecords(file, { perStep, bytes }) {
  const database = new DatabaseSync(file);
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE record (position INTEGER PRIMARY KEY, stream TEXT NOT NULL, data TEXT NOT NULL) STRICT',
  );
  const insert = database.prepare('INSERT INTO record (stream, data) VALUES (?, ?)');
  const data = 'x'.repeat(bytes);
  const steps = 9_000;
  const records = Math.round(steps * perStep);
  const start = performance.now();
  for (let done = 0; done < records;) {
    database.exec('BEGIN IMMEDIATE');
    for (const end = Math.min(records, done + Math.round(500 * perStep)); done < end; done++) insert.run(`run-${done % 500}`, data);
    database.exec('COMMIT');
  }
  const ms = performance.now() - start;
  database.close();
  return (steps * 1_000) / ms;
}

function writeFixtures() {
  const agents = fileURLToPath(new URL('../load/echo-agents', import.meta.url));
  const step = (rest) => ({ capability: 'load.echo', ...rest });
  const workflows = {
    'three-steps': {
      first: step({ with: { text: '${{ inputs.text }}' } }),
      second: step({ needs: ['first'], with: { text: '${{ steps.first.output.text }}' } }),
      third: step({ needs: ['second'], with: { text: '${{ steps.second.output.text }}' } }),
    },
    'hundred-items': { each: step({ forEach: { items: '${{ inputs.list }}', concurrency: 100 }, with: { text: '${{ inputs.text }}' } }) },
  };
  for (const place of ['calls', 'rest']) {
    const cwd = join(folder, place);
    mkdirSync(join(cwd, 'workflows'), { recursive: true });
    for (const [name, steps] of Object.entries(workflows))
      writeFileSync(join(cwd, 'workflows', `${name}.json`), JSON.stringify({ name, steps }));
    // JSON is YAML.
    const settings = { workflowFolders: ['workflows'], logLevel: 'warn', workers: { agentFolders: [agents], agentPackages: [] } };
    writeFileSync(join(cwd, 'tutti.yaml'), JSON.stringify(settings));
  }
}

function inputs() {
  return { text: TEXT, list: Array.from({ length: 100 }, (_, index) => index) };
}

async function within(limitMs, what, promise) {
  const { promise: late, reject } = Promise.withResolvers();
  const timer = setTimeout(() => reject(new Error(`${what} did not come within ${limitMs} ms`)), limitMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function rate(value) {
  return Math.round(value).toLocaleString('en');
}

function report(what, value) {
  console.log(`${what.padEnd(66)} ${value}`);
}
