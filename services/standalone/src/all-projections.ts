import {
  approvalsProjection,
  notificationsProjection,
  runLabelsProjection,
  runsProjection,
  schedulesProjection,
  tasksProjection,
  workflowsProjection,
} from '@tutti/coordinator/projections';
import { auditProjection } from '@tutti/gateway/projections';
import { agentsProjection, servicesProjection } from '@tutti/registry/projections';

/** Every read model that a data folder has: what the projections' thread folds, and `tutti doctor` holds against the events. */
export const ALL_PROJECTIONS = [
  runsProjection,
  runLabelsProjection,
  tasksProjection,
  approvalsProjection,
  workflowsProjection,
  schedulesProjection,
  notificationsProjection,
  agentsProjection,
  servicesProjection,
  auditProjection,
];
