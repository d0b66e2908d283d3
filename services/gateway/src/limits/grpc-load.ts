import type { LoadClass } from '@tutti/rest-contract';

const VITAL = new Set(['DecideApproval', 'SignalRun', 'CancelRun', 'PauseSchedule', 'PauseAgent', 'ResumeAgent', 'RenewService']);
const NEW_WORK = new Set(['StartRun', 'TriggerSchedule', 'BackfillSchedule', 'PublishEvent', 'ReceiveWebhook']);
const READING = /^(?:Get|List|Explain|Validate|Follow|Query|ServerReflection)/;

/** The class of a call by its path, like `/tutti.v1.RunService/StartRun`: that of the same thing by REST. */
export function loadOfCall(path: string): LoadClass {
  const method = methodOf(path);
  if (VITAL.has(method)) return 'vital';
  if (NEW_WORK.has(method)) return 'new-work';
  return READING.test(method) ? 'read' : 'change';
}

/** As rate limits and the log name it. */
export function routeOfCall(path: string): string {
  return `grpc:${methodOf(path)}`;
}

function methodOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
