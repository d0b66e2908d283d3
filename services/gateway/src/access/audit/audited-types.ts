import { categoryOfEventType, EVENT_CATALOG } from '@tutti/contracts';

/** Categories whose events no person, key or agent makes through the door: journals, states, permits, messages between agents, deliveries. */
const INNER_CATEGORIES = ['task', 'object', 'limit', 'conversation', 'notification'];

/** What a run's owner records by itself, or has recorded with whoever's command set it off. */
const INNER_TYPES = [
  ...['StepSkipped', 'StepSucceeded', 'StepCaught', 'StepFailed', 'RepetitionDecided', 'FanOutStarted', 'FanOutJoined'],
  ...['TaskScheduled', 'TaskAssigned', 'TaskSucceeded', 'TaskAttemptFailed', 'TaskCancelled', 'TaskResultSuperseded'],
  ...['TimerStarted', 'SignalAwaited', 'EventAwaited', 'ChildRunStarted', 'SignalsPassed', 'VariablesSet', 'GateStarted', 'GateEvaluated'],
  ...['ApprovalRequested', 'ApprovalEscalated', 'ApprovalExpired', 'ApprovalVoided', 'CompensationStarted', 'CompensationEnded'],
  ...['FailureHandlerStarted', 'RunSucceeded', 'RunFailed', 'ScheduleTriggered', 'ScheduleBuffered', 'ScheduleSkipped'],
  ...['ScheduleBackfillFinished', 'TriggerRefused', 'TriggersChecked', 'ApiKeyUsed', 'SessionUsed'],
];

/** Types whose events may be somebody’s doing: all but those that are named above, so that a new type is looked at unless somebody says otherwise. */
export const AUDITED_TYPES: readonly string[] = Object.keys(EVENT_CATALOG).filter(
  (type) => !INNER_TYPES.includes(type) && !INNER_CATEGORIES.includes(categoryOfEventType(type) ?? ''),
);
