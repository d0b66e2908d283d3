import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseSimulateOptions, USAGE, type SimulateOptions } from './command/options.js';
import type { SeedSummary } from './command/seed-summary.js';
import { simulateCommand, simulateSeeds } from './command/simulate-command.js';
import { createSystemRuntime } from '@tutti/service-kit';

const { clock, timers } = createSystemRuntime();
const turn = (): Promise<void> => new Promise((resolve) => timers.soon(resolve));

function inChild({ from, seeds }: SimulateOptions): Promise<SeedSummary> {
  const child = fork(fileURLToPath(import.meta.url), ['--child', '--from', String(from), '--seeds', String(seeds)]);
  return new Promise((resolve, reject) => {
    child.once('message', (summary) => resolve(summary as SeedSummary));
    child.once('exit', (code) => reject(new Error(`the process for seeds ${from} to ${from + seeds - 1} ended with ${code}`)));
  });
}

try {
  const options = parseSimulateOptions(process.argv.slice(2));
  if (options.child) process.send?.(await simulateSeeds(options, turn));
  else {
    const print = (text: string): void => void process.stdout.write(`${text}\n`);
    process.exitCode = await simulateCommand(options, {
      print,
      nowMs: () => clock.monotonic(),
      cores: availableParallelism(),
      fork: inChild,
      turn,
    });
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
  process.exitCode = 2;
}
