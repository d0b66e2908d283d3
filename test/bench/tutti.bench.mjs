// `npm run bench`: measures the standalone process and the ceiling above it. See options.mjs for what it takes, docs/performance.md for what it means.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureApi } from './api.mjs';
import { drawChart } from './chart.mjs';
import { measureGrowth } from './growth.mjs';
import { measureIdle } from './idle.mjs';
import { describeMachine } from './machine.mjs';
import { measureMemory } from './memory.mjs';
import { measureNative } from './native.mjs';
import { readOptions, USAGE } from './options.mjs';
import { tableOf } from './report.mjs';
import { measureStartUp } from './start-up.mjs';
import { measureThroughput } from './throughput.mjs';
import { F100, W3 } from './workloads.mjs';

const CHART = fileURLToPath(new URL('../../docs/images/bench.svg', import.meta.url));

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = 1;
}

async function main({ backend, only, quick, json, chart, folder: parent = tmpdir(), help, sizes }) {
  if (help) return console.log(USAGE);
  mkdirSync(parent, { recursive: true });
  const result = { measuredAt: new Date().toISOString(), quick, machine: describeMachine(parent) };
  for (const [key, name, measure] of backend === 'native' ? nativeSections(sizes) : sectionsOf(only, sizes)) {
    console.error(`measuring ${name} ...`);
    const folder = mkdtempSync(join(parent, 'tutti-bench-'));
    try {
      Object.assign(result, key === null ? await measure(folder) : { [key]: await measure(folder) });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  for (const line of tableOf(result)) console.log(line);
  if (chart) {
    mkdirSync(dirname(CHART), { recursive: true });
    writeFileSync(CHART, drawChart(result));
    console.log(`chart: ${CHART}`);
  }
  if (json) console.log(JSON.stringify(result));
}

function nativeSections({ native }) {
  return [['native', 'the full stack', (folder) => measureNative({ folder, ...native })]];
}

function sectionsOf(only, { throughput: { runs, ...throughput }, idle, start, memory, growth, api }) {
  const workloads = [W3, F100].filter(({ name }) => only.has(name)).map((workload) => ({ workload, runs: runs[workload.name] }));
  const names = workloads.map(({ workload: { name } }) => name).join(' and ');
  const sections = [
    ['idle', 'idle', (folder) => measureIdle({ folder, ...idle })],
    ['start', 'start-up', (folder) => measureStartUp({ folder, ...start })],
    ['memory', 'memory', (folder) => measureMemory({ folder, ...memory })],
    ['growth', 'growth', (folder) => measureGrowth({ folder, ...growth })],
    ['api', 'the API', (folder) => measureApi({ folder, ...api })],
  ].filter(([key]) => only.has(key));
  if (workloads.length > 0) sections.unshift([null, names, (folder) => measureThroughput({ folder, workloads, ...throughput })]);
  return sections;
}
