/** The coordinator's projections without the rest of it, for the thread that runs them. */
export { approvalsProjection } from './approvals.projection.js';
export { runsProjection } from './runs.projection.js';
export { tasksProjection } from './tasks.projection.js';
export { workflowsProjection } from './workflows.projection.js';
