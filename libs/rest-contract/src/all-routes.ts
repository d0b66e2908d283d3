import type { RouteDefinition } from './route.js';
import {
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
import { deregisterAgent, getAgent, listAgents, pauseAgent, resumeAgent } from './routes/agents.routes.js';
import { approve, delegateApproval, getApproval, listApprovals, reject } from './routes/approvals.routes.js';
import { discardDeadLetter, getDeadLetter, listDeadLetters, replayDeadLetter } from './routes/dead-letters.routes.js';
import { streamEvents, streamRunEvents } from './routes/event-streams.routes.js';
import { followFeed, listEvents, listRunEvents } from './routes/events.routes.js';
import { publishEvent, receiveWebhook } from './routes/inbox.routes.js';
import { listNotifications, testChannel } from './routes/notifications.routes.js';
import { listQueries, queryRun, setVariables, signalRun } from './routes/run-interaction.routes.js';
import { migrateRun, resetRun, retryRun, skipStep } from './routes/run-repair.routes.js';
import { explainTasks, getAttempts, listAttempts, listTasks } from './routes/run-tasks.routes.js';
import { cancelRun, getRun, listRuns, pauseRun, resumeRun, startRun } from './routes/runs.routes.js';
import {
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
import { deregisterService, listServices, registerService, renewService, updateService } from './routes/services.routes.js';
import { getDoctor, getErrorCodes, getLiveness, getOpenApi, getReadiness, getStartup, getVersion } from './routes/system.routes.js';
import { changeRollout, drainVersion, listWorkflowVersions, restoreVersion } from './routes/versions.routes.js';
import { getWorkflow, getWorkflowSchema, listWorkflows, registerWorkflow, validateWorkflow } from './routes/workflows.routes.js';

/** Every route of the REST API, by feature. */
export const ROUTES: readonly RouteDefinition[] = [
  ...[startRun, listRuns, getRun, pauseRun, resumeRun, cancelRun],
  ...[listTasks, listAttempts, getAttempts, explainTasks],
  ...[signalRun, listQueries, queryRun, setVariables],
  ...[retryRun, resetRun, skipStep, migrateRun],
  ...[listApprovals, getApproval, approve, reject, delegateApproval],
  ...[registerWorkflow, validateWorkflow, listWorkflows, getWorkflow, getWorkflowSchema],
  ...[listWorkflowVersions, changeRollout, drainVersion, restoreVersion],
  ...[listAgents, getAgent, pauseAgent, resumeAgent, deregisterAgent],
  ...[listServices, registerService, renewService, updateService, deregisterService],
  ...[
    createSchedule,
    listSchedules,
    getSchedule,
    changeSchedule,
    deleteSchedule,
    pauseSchedule,
    resumeSchedule,
    triggerSchedule,
    backfillSchedule,
  ],
  ...[listRunEvents, listEvents, streamRunEvents, streamEvents, followFeed],
  ...[publishEvent, receiveWebhook],
  ...[listNotifications, testChannel],
  ...[listDeadLetters, getDeadLetter, replayDeadLetter, discardDeadLetter],
  ...[getLiveness, getReadiness, getStartup, getVersion, getDoctor, getErrorCodes, getOpenApi],
  ...[createKey, listKeys, getKey, rotateKey, revokeKey, getCaller, startSession, endSession, listAudit],
];
