export const COORDINATOR_CONFIG = Symbol('CoordinatorConfig');
export const EVALUATOR = Symbol('Evaluator');
export const OWNERSHIP = Symbol('Ownership');
/** Calls to the coordinator that answers for a run, where there are several. */
export const RUNS_ELSEWHERE = Symbol('RunsElsewhere');
