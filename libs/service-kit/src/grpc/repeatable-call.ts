/** Changes nothing. */
const READING = /^(?:get|list|explain|validate|query|check)/;

/** Whether the method changes nothing, and begins nothing that outlives it. */
export function isReading(method: string): boolean {
  return READING.test(method);
}

/** The contracts say that these are idempotent by what they name. */
const IDEMPOTENT: ReadonlySet<string> = new Set([
  'pauseRun',
  'resumeRun',
  'cancelRun',
  'migrateRun',
  'setVariables',
  'decideApproval',
  'delegateApproval',
  'registerWorkflow',
  'changeRollout',
  'drainWorkflowVersion',
  'restoreWorkflowVersion',
  'createSchedule',
  'changeSchedule',
  'pauseSchedule',
  'resumeSchedule',
  'deleteSchedule',
  'receiveWebhook',
  'registerAgent',
  'deregisterAgent',
  'pauseAgent',
  'resumeAgent',
  'registerService',
  'renewService',
  'updateService',
  'deregisterService',
]);

/** Idempotent by this member, when the caller gives it. */
const KEY_OF: Readonly<Record<string, string>> = {
  startRun: 'idempotencyKey',
  signalRun: 'signalId',
  repairRun: 'repairId',
  triggerSchedule: 'idempotencyKey',
  backfillSchedule: 'idempotencyKey',
  publishEvent: 'id',
};

/** Whether a call whose answer was lost may be sent again: what it does, it does once. */
export function isRepeatable(method: string, request: unknown): boolean {
  if (isReading(method) || IDEMPOTENT.has(method)) return true;
  const key = KEY_OF[method];
  if (key === undefined || typeof request !== 'object' || request === null) return false;
  const value = (request as Readonly<Record<string, unknown>>)[key];
  return typeof value === 'string' && value !== '';
}
