export const COORDINATOR_CONFIG = Symbol('CoordinatorConfig');
export const EVALUATOR = Symbol('Evaluator');
export const OWNERSHIP = Symbol('Ownership');
