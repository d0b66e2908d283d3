export { coordinatorConfig, type CoordinatorConfig } from './coordinator.config.js';
export { CoordinatorLifecycle } from './coordinator.lifecycle.js';
export { CoordinatorModule } from './coordinator.module.js';
export { taskTopicView } from './tasks/task-topic-view.js';
