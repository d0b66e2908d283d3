export { addReport, emptySummary, missingTypes, type SeedSummary } from './command/seed-summary.js';
export { describeReport } from './observer/describe-report.js';
export type { Invariant, Violation } from './observer/observer.js';
export type { SeedReport } from './observer/seed-report.js';
export { simulateSeed, type SeedOptions } from './simulate-seed.js';
export type { Sabotage } from './system/sabotage.js';
