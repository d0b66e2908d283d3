import { simulateSeed } from '../simulate-seed.js';
import { describeReport } from '../observer/describe-report.js';
import type { SimulateOptions } from './options.js';
import { addReport, addSummary, describeSummary, emptySummary, missingTypes, type SeedSummary } from './seed-summary.js';

/** What the command needs of the system around it. */
export interface SimulateHost {
  readonly print: (text: string) => void;
  readonly nowMs: () => number;
  readonly cores: number;
  /** Runs the seeds in a process of its own. */
  readonly fork: (options: SimulateOptions) => Promise<SeedSummary>;
  /** Lets the event loop turn. */
  readonly turn: () => Promise<void>;
}

/** Enough seeds that every type of event must occur. */
const COVERING_SEEDS = 2_000;

/** Answers the exit code: 1 when a rule was broken or events never occurred. */
export async function simulateCommand(options: SimulateOptions, host: SimulateHost): Promise<number> {
  if (options.seeds === 1) return replay(options, host);
  const begunMs = host.nowMs();
  const processes = Math.min(options.processes ?? host.cores, options.seeds);
  const summaries = await Promise.all(
    Array.from({ length: processes }, (_, index) => host.fork({ ...options, ...share(options, processes, index) })),
  );
  const summary = emptySummary();
  for (const part of summaries) addSummary(summary, part);
  host.print(describeSummary(summary, (host.nowMs() - begunMs) / 1_000));
  const missing = options.seeds < COVERING_SEEDS ? [] : missingTypes(summary);
  if (missing.length > 0) host.print(`never recorded: ${missing.join(', ')}`);
  return summary.failed > 0 || missing.length > 0 ? 1 : 0;
}

/** In this process, one after the other. */
export async function simulateSeeds({ from, seeds }: SimulateOptions, turn: () => Promise<void>): Promise<SeedSummary> {
  const summary = emptySummary();
  for (let seed = from; seed < from + seeds; seed++) {
    addReport(summary, await simulateSeed(seed));
    await turn();
  }
  return summary;
}

async function replay({ from, trace }: SimulateOptions, { print }: SimulateHost): Promise<number> {
  const report = await simulateSeed(from, trace ? { trace: print } : {});
  if (report.violations.length > 0) print(describeReport(report));
  else
    print(
      `seed ${from}: no rule was broken by ${report.faults.length} faults; ${report.log.length} events (hash ${report.hash.slice(0, 16)})`,
    );
  return report.violations.length > 0 ? 1 : 0;
}

function share({ from, seeds }: SimulateOptions, processes: number, index: number): { readonly from: number; readonly seeds: number } {
  const begin = Math.floor((seeds * index) / processes);
  return { from: from + begin, seeds: Math.floor((seeds * (index + 1)) / processes) - begin };
}
