import type { RecordedEvent } from '@tutti/kernel';
import type { SeedReport } from './seed-report.js';

const LAST_EVENTS = 40;

/** One event on one line: what a reader of a failed seed looks for. */
export function describeEvent({ position, stream, revision, type, data }: RecordedEvent): string {
  const { task, step, attempt, worker, assignment, cause, retryAt, gate } = data as Record<string, never>;
  const particulars = { task, step, attempt, worker: worker ?? assignment?.['worker'], cause, retryAt, gate };
  return `${position} ${stream}@${revision} ${type} ${JSON.stringify(particulars)}`;
}

/** A failed seed: what it broke, what was done to it, and what was recorded last. */
export function describeReport({ seed, layout, faults, violations, log, hash }: SeedReport): string {
  const processes = layout.oneProcess
    ? 'one process'
    : `${layout.servers} server${layout.servers === 1 ? '' : 's'}, ${layout.workers} workers`;
  return [
    `seed ${seed} (${processes}) broke a rule; replay it with: npm run simulate -- --seed ${seed} --trace`,
    ...violations.slice(0, 10).map(({ invariant, problem }) => `  ${invariant}: ${problem}`),
    'faults:',
    ...faults.map((fault) => `  ${JSON.stringify(fault)}`),
    `the last of ${log.length} events (hash ${hash.slice(0, 16)}):`,
    ...log.slice(-LAST_EVENTS).map((event) => `  ${event.time} ${describeEvent(event)}`),
  ].join('\n');
}
