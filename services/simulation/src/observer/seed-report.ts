import type { RecordedEvent } from '@tutti/kernel';
import type { Fault } from '../faults/fault-schedule.js';
import type { Layout } from '../system/simulated-system.js';
import type { Violation } from './observer.js';

/** What became of one seed. */
export interface SeedReport {
  readonly seed: number;
  readonly layout: Layout;
  readonly faults: readonly Fault[];
  readonly violations: readonly Violation[];
  /** Of the whole log: the same seed gives the same. */
  readonly hash: string;
  readonly typeCounts: ReadonlyMap<string, number>;
  readonly log: readonly RecordedEvent[];
  readonly steps: number;
  readonly simulatedMs: number;
}
