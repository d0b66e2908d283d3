export { addReport, emptySummary, missingTypes, type SeedSummary } from './command/seed-summary.js';
export { describeReport } from './observer/describe-report.js';
export type { Invariant, Violation } from './observer/observer.js';
export { simulateSeed, type SeedOptions, type SeedReport } from './simulate-seed.js';
export type { Sabotage } from './system/sabotage.js';
