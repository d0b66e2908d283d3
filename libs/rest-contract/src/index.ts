export { PERMISSIONS, PERMISSIONS_OF_ROLE, ROLES, type Permission, type Role } from './permissions.js';
export {
  defineRoute,
  LOAD_CLASSES,
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
export { cancelRun, getRun, listRuns, pauseRun, resumeRun, startRun } from './routes/runs.routes.js';
export { KEY_STATUSES, type ApiKeyView, type AuditEntry, type CallerView } from './views/access-views.js';
export { hasEnded, RUN_STATUSES, STEP_STATUSES, type ChildRun, type RunView, type StepView } from './views/run-views.js';
