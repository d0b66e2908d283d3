/** The coordinator's projections without the rest of it, for the thread that runs them. */
export { notificationsProjection } from '../notifications/notifications.projection.js';
export { approvalsProjection } from '../views/approvals.projection.js';
export { runLabelsProjection } from '../views/run-labels.projection.js';
export { runsProjection } from '../views/runs.projection.js';
export { tasksProjection } from '../views/tasks.projection.js';
export { schedulesProjection } from '../schedules/schedules.projection.js';
export { workflowsProjection } from '../views/workflows.projection.js';
