import type { RunEvent } from '@tutti/contracts';
import type { FeedEvent } from '@tutti/rest-contract';
import { sanitizeText } from '../terminal/text-width.js';
import { after, turnText } from './event-line.turns.js';
import { durationText, timeOfDay } from '../terminal/time-text.js';

interface EventLineOptions {
  readonly utcOffsetMinutes: (epochMs: number) => number;
}

/** `12:03:04.123 step context started (architect-review)`: one line that says what happened. */
export function eventLine(event: FeedEvent, options: EventLineOptions): string {
  return `${eventTime(event, options)} ${eventText(event)}`;
}

export function eventTime(event: FeedEvent, { utcOffsetMinutes }: EventLineOptions): string {
  const atMs = Date.parse(event.time);
  return Number.isNaN(atMs) ? event.time : timeOfDay(atMs, utcOffsetMinutes(atMs));
}

/** What happened, in words. An event that is not of a run, or from a newer server, by its type and data. */
export function eventText(event: FeedEvent): string {
  return sanitizeText(runEventText(event as unknown as RunEvent) ?? `${event.type} ${JSON.stringify(event.data)}`);
}

function runEventText(event: RunEvent): string | null {
  switch (event.type) {
    case 'RunStarted':
      return `run ${event.data.runId} of ${event.data.workflow} v${event.data.workflowVersion} started by ${event.data.startedBy}`;
    case 'StepSkipped':
      return `step ${event.data.step} skipped${after(event.data.message)}`;
    case 'FanOutStarted':
      return `step ${event.data.step} fans out over ${event.data.count} items, ${event.data.concurrency} at once`;
    case 'TaskScheduled': {
      const { task, attempt, assignment, capability } = event.data;
      return assignment === null ? `step ${task} waits for an agent with ${capability}` : started(task, attempt, assignment.agent);
    }
    case 'TaskAssigned':
      return started(event.data.task, event.data.attempt, event.data.assignment.agent);
    case 'TimerStarted':
      return `step ${event.data.task} sleeps until ${event.data.wakeAt}`;
    case 'SignalAwaited':
      return `step ${event.data.task} waits for a signal ${event.data.signal}${until(event.data.deadlineAt)}`;
    case 'EventAwaited':
      return `step ${event.data.task} waits for an event ${event.data.eventType}${until(event.data.deadlineAt)}`;
    case 'ChildRunStarted':
      return `step ${event.data.task} starts run ${event.data.runId} of ${event.data.workflow}`;
    case 'SignalReceived':
      return `signal ${event.data.name} from ${event.data.sentBy}`;
    case 'SignalsPassed':
      return `step ${event.data.task} waits on: no signal was for it`;
    case 'RepetitionDecided': {
      const { step, iteration, again, resumeAt } = event.data;
      return again
        ? `step ${step} is done again, for the ${iteration + 1}. time${resumeAt === null ? '' : `, at ${resumeAt}`}`
        : `step ${step} needs no further time`;
    }
    case 'VariablesSet': {
      const { values, step, setBy, reason } = event.data;
      return `${step === null ? setBy : `step ${step}`} set ${Object.keys(values).join(', ')}${after(reason)}`;
    }
    case 'TaskSucceeded':
      return `task ${event.data.task} done in ${durationText(event.data.durationMs)}`;
    case 'TaskAttemptFailed': {
      const { task, attempt, error, retryAt } = event.data;
      return `task ${task} attempt ${attempt} failed: ${error.message} (${error.code})${retryAt === null ? '' : '; will be tried again'}`;
    }
    case 'TaskCancelled':
      return `task ${event.data.task} cancelled${after(event.data.reason)}`;
    case 'TaskResultSuperseded':
      return `task ${event.data.task} attempt ${event.data.attempt} came too late and changed nothing`;
    case 'GateEvaluated': {
      const { step, gate, passed, message, action } = event.data;
      return `gate ${gate} of ${step} ${passed ? '✓ passed' : `✗ failed${after(message)}; ${action}`}`;
    }
    case 'ApprovalRequested':
      return `step ${event.data.step} waits for approval: ${event.data.title}; answer with: tutti approve ${event.data.approvalId}`;
    case 'ApprovalDecided':
      return `approval ${event.data.approvalId} ${event.data.approved ? 'approved' : 'rejected'} by ${event.data.decidedBy}${after(event.data.reason)}`;
    case 'ApprovalVoided':
      return `approval ${event.data.approvalId} is not needed any more${after(event.data.reason)}`;
    case 'FanOutJoined':
      return `step ${event.data.step} joined its fan-out`;
    case 'StepSucceeded':
      return `step ${event.data.step} succeeded`;
    case 'StepFailed':
      return `step ${event.data.step} failed: ${event.data.error.message} (${event.data.error.code})`;
    case 'StepsReset':
      return `steps ${event.data.steps.join(', ')} begin again: gate ${event.data.because.gate} of ${event.data.because.step} went back to ${event.data.target}`;
    case 'RunPaused':
      return `run paused by ${event.data.pausedBy}${after(event.data.reason)}`;
    case 'RunResumed':
      return `run resumed by ${event.data.resumedBy}${after(event.data.reason)}`;
    case 'RunSucceeded':
      return 'run succeeded';
    case 'RunFailed':
      return `run failed: ${event.data.error.message} (${event.data.error.code})`;
    case 'RunCancelled':
      return `run cancelled by ${event.data.cancelledBy}${after(event.data.reason)}`;
    default:
      return turnText(event);
  }
}

function started(task: string, attempt: number, agent: string): string {
  return `step ${task} ${attempt > 1 ? `attempt ${attempt} started` : 'started'} (${agent})`;
}

function until(deadlineAt: string | null): string {
  return deadlineAt === null ? '' : `, at most until ${deadlineAt}`;
}
