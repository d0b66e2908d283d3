import { parseArgs } from 'node:util';

export const SECTIONS = ['W3', 'F100', 'idle', 'start', 'memory', 'growth', 'api'];

export const USAGE = `Usage: npm run bench -- [options]

Measures the standalone process on this machine and its disk, beside a ceiling: the same appends with nothing of Tutti.
Meant for a machine that does nothing else. The whole takes about half an hour and 25 GB below the folder.

  --backend NAME native: the services as processes on Kafka, EventStoreDB's protocol and a Mongo-compatible server, W3 and idle by
                 REST (default: embedded)
  --only LIST    only these parts, separated by commas: ${SECTIONS.join(', ')}
  --quick        less of everything: a look, no figures to quote
  --json         print one JSON document at the end
  --chart        write docs/images/bench.svg
  --folder DIR   where the data goes (default: the folder for temporary files)
  --help         print this and end`;

const FULL = {
  throughput: { rounds: 7, runs: { W3: 10_000, F100: 300 }, warmUpRuns: 3_000 },
  native: { rounds: 5, runs: 2_000, warmUpRuns: 500, alone: 100 },
  idle: { runs: 200, warmUpRuns: 50 },
  start: { rounds: 5, events: 1_000_000, openRuns: 20_000, timers: 10_000, behind: 100_000 },
  memory: { steps: 1_000_000, samples: 10 },
  growth: { few: 10_000, many: 1_000_000, rounds: 3, runs: 2_000 },
  api: { clients: 100, inFlight: 200, waiting: 50, warmUpMs: 10_000, measureMs: 60_000 },
};

const QUICK = {
  throughput: { rounds: 3, runs: { W3: 1_000, F100: 30 }, warmUpRuns: 700 },
  native: { rounds: 2, runs: 300, warmUpRuns: 100, alone: 20 },
  idle: { runs: 40, warmUpRuns: 10 },
  start: { rounds: 2, events: 30_000, openRuns: 600, timers: 300, behind: 3_000 },
  memory: { steps: 30_000, samples: 5 },
  growth: { few: 500, many: 5_000, rounds: 2, runs: 500 },
  api: { clients: 100, inFlight: 200, waiting: 20, warmUpMs: 3_000, measureMs: 10_000 },
};

/** @throws Error with the usage */
export function readOptions(argv) {
  const options = {
    backend: { type: 'string', default: 'embedded' },
    only: { type: 'string' },
    quick: { type: 'boolean' },
    json: { type: 'boolean' },
    chart: { type: 'boolean' },
    folder: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  };
  const { values } = parseArgs({ args: argv, options });
  const only = values.only?.split(',').map((name) => name.trim()) ?? SECTIONS;
  const unknown = only.filter((name) => !SECTIONS.includes(name));
  if (unknown.length > 0) throw new Error(`--only does not know ${unknown.join(', ')}\n\n${USAGE}`);
  if (!['embedded', 'native'].includes(values.backend)) throw new Error(`--backend does not know ${values.backend}\n\n${USAGE}`);
  return {
    backend: values.backend,
    only: new Set(only),
    quick: values.quick === true,
    json: values.json === true,
    chart: values.chart === true,
    folder: values.folder,
    help: values.help === true,
    sizes: values.quick === true ? QUICK : FULL,
  };
}
