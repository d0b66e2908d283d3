import type { JsonObject } from '@tutti/kernel';

/** What a simulated agent does with a task. Stands in the step's input, so that a definition says it. */
export interface Script extends JsonObject {
  /** How it ends while `attempt` is at most `until`; after that it works. */
  readonly trouble: 'none' | 'error' | 'refusal' | 'hang' | 'deaf' | 'rubbish' | 'misfit';
  readonly until: number;
  /** Longest time for it. */
  readonly ms: number;
  /** Its output is good once it has heard this many objections. */
  readonly goodAfter: number;
  /** Steps of its journal; 0 for none. */
  readonly journal: number;
  /** Whether it writes to another agent, and keeps a state. */
  readonly talks: boolean;
}

/** Of an agent that just works. */
export const QUIET_SCRIPT: Script = { trouble: 'none', until: 0, ms: 5, goodAfter: 0, journal: 0, talks: false };
