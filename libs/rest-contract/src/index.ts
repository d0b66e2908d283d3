export { ROUTES } from './all-routes.js';
export {
  FEED_COMMANDS,
  feedCommand,
  feedJsonSchemas,
  feedMessage,
  feedRequest,
  type FeedCommand,
  type FeedCommandType,
  type FeedMessage,
  type FeedRequest,
  type SubscribeMessage,
} from './feed/feed-messages.js';
export { type EventSelection } from './feed/event-selection.js';
export { PERMISSIONS, PERMISSIONS_OF_ROLE, ROLES, type Permission, type Role } from './permissions.js';
export { nameText } from './request-values.js';
export {
  defineRoute,
  LOAD_CLASSES,
  type AnswerHeader,
  type LoadClass,
  type RouteAccess,
  type RouteAnswer,
  type RouteDefinition,
  type RouteInput,
} from './route.js';
export {
  createKey,
  endSession,
  getCaller,
  getKey,
  listAudit,
  listKeys,
  revokeKey,
  rotateKey,
  startSession,
} from './routes/access.routes.js';
export { deregisterAgent, getAgent, listAgents, pauseAgent, resumeAgent } from './routes/agents.routes.js';
export { approve, delegateApproval, getApproval, listApprovals, reject } from './routes/approvals.routes.js';
export { discardDeadLetter, getDeadLetter, listDeadLetters, replayDeadLetter } from './routes/dead-letters.routes.js';
export { followFeed, listEvents, listRunEvents } from './routes/events.routes.js';
export { publishEvent, receiveWebhook } from './routes/inbox.routes.js';
export { listNotifications, testChannel } from './routes/notifications.routes.js';
export { listQueries, queryRun, setVariables, signalRun } from './routes/run-interaction.routes.js';
export { migrateRun, resetRun, retryRun, skipStep } from './routes/run-repair.routes.js';
export { explainTasks, getAttempts, listAttempts, listTasks } from './routes/run-tasks.routes.js';
export { streamEvents, streamRunEvents } from './routes/event-streams.routes.js';
export { cancelRun, getRun, listRuns, pauseRun, resumeRun, startRun } from './routes/runs.routes.js';
export {
  backfillSchedule,
  changeSchedule,
  createSchedule,
  deleteSchedule,
  getSchedule,
  listSchedules,
  pauseSchedule,
  resumeSchedule,
  triggerSchedule,
} from './routes/schedules.routes.js';
export { deregisterService, listServices, registerService, renewService, updateService } from './routes/services.routes.js';
export { getDoctor, getErrorCodes, getLiveness, getOpenApi, getReadiness, getStartup, getVersion } from './routes/system.routes.js';
export { changeRollout, drainVersion, listWorkflowVersions, restoreVersion } from './routes/versions.routes.js';
export { getWorkflow, getWorkflowSchema, listWorkflows, registerWorkflow, validateWorkflow } from './routes/workflows.routes.js';
export type { ApiKeyView, CallerView } from './views/access-views.js';
export { agentView, type AgentView } from './views/agent-views.js';
export { APPROVAL_STATUSES, approvalView, type ApprovalView } from './views/approval-views.js';
export { deadLetterView, type DeadLetterView } from './views/dead-letter-views.js';
export { eventView, feedEvent, type EventView, type FeedEvent } from './views/event-views.js';
export { channelTest, NOTIFICATION_STATUSES, notificationView, type NotificationView } from './views/notification-views.js';
export { problemView } from './views/problem-view.js';
export {
  hasEnded,
  RUN_STATUSES,
  runView,
  startedRun,
  STEP_STATUSES,
  type ChildRun,
  type RunSummary,
  type RunView,
  type StepView,
} from './views/run-views.js';
export { OVERLAP_POLICIES, scheduleView, type ScheduleView } from './views/schedule-views.js';
export { serviceInstance, type ServiceInstanceView } from './views/service-views.js';
export { doctorCheck, serverVersion, type DoctorCheckView } from './views/system-views.js';
export {
  explanation,
  taskHistory,
  taskView,
  type AttemptView,
  type Explanation,
  type TaskHistory,
  type TaskView,
} from './views/task-views.js';
export { changed } from './views/view-values.js';
export {
  workflowVersions,
  workflowView,
  type DefinitionProblem,
  type WorkflowVersions,
  type WorkflowView,
} from './views/workflow-views.js';
