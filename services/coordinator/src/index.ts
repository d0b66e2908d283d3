export { coordinatorConfig, type CoordinatorConfig } from './coordinator.config.js';
export { CoordinatorLifecycle } from './coordinator.lifecycle.js';
export { CoordinatorModule } from './coordinator.module.js';
export { taskTopicView } from './tasks/task-topic-view.js';
export { approvalsProjection } from './views/approvals.projection.js';
export { runsProjection } from './views/runs.projection.js';
export { tasksProjection } from './views/tasks.projection.js';
export { workflowsProjection } from './views/workflows.projection.js';
