import type { RunEvent } from '@tutti/contracts';
import { isSameTrace } from '@tutti/service-kit';

/** `work` is for a worker, or about to be tried again; a `wait` may take weeks, and so may a `child`, which is traced itself. */
type OpenKind = 'work' | 'child' | 'wait';

/** Work of a run that has begun and not ended. */
export interface OpenWork {
  readonly kind: OpenKind;
  /** W3C `traceparent` of what led to it; null when nobody traced that. */
  readonly context: string | null;
  /** When what it waits for now began. */
  readonly sinceMs: number;
}

/** Which trace each open piece of a run's work is of. Follows from its events, so that whoever takes the run up goes on in the same traces. */
export class RunTrace {
  /** Of the request or event that the run was started for. */
  started: string | null = null;
  startedMs = 0;
  /** Of what happened last. */
  current: string | null = null;
  private readonly open = new Map<string, OpenWork>();

  openWork(event: RunEvent): OpenWork | undefined {
    const key = keyOf(event);
    return key === null ? undefined : this.open.get(key);
  }

  /** What led to the task; null when it is not open. */
  contextOf(task: string): string | null {
    return this.open.get(taskKey(task))?.context ?? null;
  }

  /** @param context what led to it: for a task that goes to a worker not the span of its way there, but that span's parent */
  heed(event: RunEvent, context: string | null, atMs: number): void {
    const key = keyOf(event);
    const kind = begunBy(event);
    if (key !== null && kind !== null) this.open.set(key, { kind, context, sinceMs: atMs });
    else if (key !== null) this.open.delete(key);
    if (isDispatch(event)) return;
    this.current = context;
    if (event.type !== 'RunStarted') return;
    this.started = context;
    this.startedMs = atMs;
  }

  /** As {@link heed}, for an event as it was recorded. */
  recorded(event: RunEvent, traceparent: string | null, atMs: number): void {
    if (!isDispatch(event)) return this.heed(event, traceparent, atMs);
    const known = this.openWork(event);
    // It was given away in a trace of its own, after a long wait.
    const isElsewhere = known !== undefined && event.data.assignment !== null && !isSameTrace(known.context, traceparent);
    this.heed(event, known === undefined ? this.current : isElsewhere ? traceparent : known.context, atMs);
  }
}

/** It may give a task to a worker. */
export type Dispatch = Extract<RunEvent, { type: 'TaskScheduled' | 'TaskAssigned' }>;

export function isDispatch(event: RunEvent): event is Dispatch {
  return event.type === 'TaskScheduled' || event.type === 'TaskAssigned';
}

/** What it begins; null when it begins nothing, or ends something. */
function begunBy(event: RunEvent): OpenKind | null {
  switch (event.type) {
    case 'TaskScheduled':
    case 'TaskAssigned':
      return 'work';
    case 'TaskAttemptFailed':
      return event.data.retryAt === null ? null : 'work';
    case 'ChildRunStarted':
      return 'child';
    case 'TimerStarted':
    case 'SignalAwaited':
    case 'EventAwaited':
    case 'ApprovalRequested':
      return 'wait';
    default:
      return null;
  }
}

/** Of the work that it begins or ends; null for neither. */
function keyOf(event: RunEvent): string | null {
  switch (event.type) {
    case 'TaskScheduled':
    case 'TaskAssigned':
    case 'TimerStarted':
    case 'SignalAwaited':
    case 'EventAwaited':
    case 'ChildRunStarted':
    case 'TaskSucceeded':
    case 'TaskAttemptFailed':
    case 'TaskCancelled':
      return taskKey(event.data.task);
    case 'ApprovalRequested':
    case 'ApprovalDecided':
    case 'ApprovalExpired':
    case 'ApprovalVoided':
      return `approval ${event.data.approvalId}`;
    default:
      return null;
  }
}

function taskKey(task: string): string {
  return `task ${task}`;
}
