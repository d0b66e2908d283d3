import { parseArgs } from 'node:util';

/** What `npm run simulate` is asked for. */
export interface SimulateOptions {
  readonly from: number;
  readonly seeds: number;
  readonly trace: boolean;
  /** Set in the child processes, which answer on their channel instead of printing. */
  readonly child: boolean;
  /** Child processes; null for as many as there are cores. */
  readonly processes: number | null;
}

export const USAGE = `npm run simulate -- --seeds <n> [--from <seed>] [--processes <n>]
npm run simulate -- --seed <seed> [--trace]`;

/** @throws Error with what is wrong */
export function parseSimulateOptions(args: readonly string[]): SimulateOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string' },
      from: { type: 'string' },
      processes: { type: 'string' },
      trace: { type: 'boolean', default: false },
      child: { type: 'boolean', default: false },
    },
  });
  if (values.seed !== undefined && (values.seeds !== undefined || values.from !== undefined))
    throw new Error('--seed is one seed; it goes with neither --seeds nor --from');
  return {
    from: whole(values.seed ?? values.from ?? '0', values.seed === undefined ? '--from' : '--seed', 0),
    seeds: values.seed === undefined ? whole(values.seeds ?? '1000', '--seeds', 1) : 1,
    trace: values.trace,
    child: values.child,
    processes: values.processes === undefined ? null : whole(values.processes, '--processes', 1),
  };
}

function whole(text: string, name: string, least: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least)
    throw new Error(`${name} ${text}: expected a whole number from ${least}`);
  return value;
}
