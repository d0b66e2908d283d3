import { categoryOfEventType, EVENT_CATALOG } from '@tutti/contracts';
import { describeReport } from '../observer/describe-report.js';
import type { SeedReport } from '../observer/seed-report.js';

/** What many seeds came to. Adds up over processes. */
export interface SeedSummary {
  seeds: number;
  events: number;
  steps: number;
  simulatedMs: number;
  readonly typeCounts: Record<string, number>;
  /** The first ones, described. */
  readonly failures: { readonly seed: number; readonly text: string }[];
  failed: number;
}

const DESCRIBED = 5;
/** Of the gateway, which a simulated system does not have: callers are trusted there. */
const NOT_SIMULATED: ReadonlySet<string | null> = new Set(['key', 'session', 'access']);
const TYPES = Object.keys(EVENT_CATALOG).filter((type) => !NOT_SIMULATED.has(categoryOfEventType(type)));

export function emptySummary(): SeedSummary {
  return { seeds: 0, events: 0, steps: 0, simulatedMs: 0, typeCounts: {}, failures: [], failed: 0 };
}

export function addReport(summary: SeedSummary, report: SeedReport): void {
  summary.seeds++;
  summary.events += report.log.length;
  summary.steps += report.steps;
  summary.simulatedMs += report.simulatedMs;
  for (const [type, count] of report.typeCounts) summary.typeCounts[type] = (summary.typeCounts[type] ?? 0) + count;
  if (report.violations.length === 0) return;
  summary.failed++;
  if (summary.failures.length < DESCRIBED) summary.failures.push({ seed: report.seed, text: describeReport(report) });
}

export function addSummary(summary: SeedSummary, other: SeedSummary): void {
  for (const field of ['seeds', 'events', 'steps', 'simulatedMs', 'failed'] as const) summary[field] += other[field];
  for (const [type, count] of Object.entries(other.typeCounts)) summary.typeCounts[type] = (summary.typeCounts[type] ?? 0) + count;
  summary.failures.push(...other.failures);
  summary.failures.sort((one, another) => one.seed - another.seed).splice(DESCRIBED);
}

/** Types of the catalog that never occurred, though they could have. */
export function missingTypes({ typeCounts }: SeedSummary): readonly string[] {
  return TYPES.filter((type) => typeCounts[type] === undefined);
}

export function describeSummary(summary: SeedSummary, seconds: number): string {
  const { seeds, events, steps, simulatedMs, failed, failures, typeCounts } = summary;
  const width = Math.max(...TYPES.map((type) => type.length));
  return [
    'events by type:',
    ...TYPES.map((type) => `  ${type.padEnd(width)} ${typeCounts[type] ?? 'never'}`),
    ...failures.map(({ text }) => `\n${text}`),
    '',
    `${seeds} seeds, ${events} events, ${steps} steps, ${Math.round(simulatedMs / 3_600_000)} simulated hours in ${seconds.toFixed(1)} s: ${(seeds / seconds).toFixed(0)} seeds/s`,
    failed === 0 ? 'no rule was broken' : `${failed} seeds broke a rule`,
  ].join('\n');
}
