import type { RunEvent } from '@tutti/contracts';
import { assertNever, isoTime } from '@tutti/kernel';
import { DEFAULT_PRIORITY } from '@tutti/contracts';
import { NO_LIMITS } from '../routing/task-need.js';
import type { BegunWork, Resolution } from './run.commands.js';
import type { RunState, TaskState, TaskWork } from './run.state.js';
import { addTask, stepState } from './run.step-state.js';
import { taskId } from './task-id.js';

type Begun = Extract<RunEvent, { readonly type: 'TimerStarted' | 'SignalAwaited' | 'EventAwaited' | 'ChildRunStarted' }>;

/** Work that no agent does has begun; for a task that is tried again, its next attempt. */
export function workBegun(state: RunState, event: Begun): RunState {
  const { task: id, step, index, attempt, branch, begunAt } = event.data;
  const begunMs = Date.parse(begunAt);
  const deadlineAt = event.type === 'TimerStarted' ? event.data.wakeAt : event.data.deadlineAt;
  const deadlineMs = deadlineAt === null ? null : Date.parse(deadlineAt);
  const work = workOfEvent(event, state.revision);
  const known = state.tasks.get(id);
  if (known !== undefined) {
    Object.assign(known, { status: 'begun', attempt, begunMs, deadlineMs, work, looked: 0 });
    state.openTasks.add(known);
    if (work.kind === 'event') state.eventWaits.add(known);
    return state;
  }
  const task: TaskState = {
    ...{ id, step, index, work, branch: branch ?? null, status: 'begun', attempt, begunMs, deadlineMs, looked: 0 },
    ...{ capability: '', pinnedAgent: null, timeoutMs: null, priority: DEFAULT_PRIORITY, routing: null, limits: NO_LIMITS, permits: null },
    ...{
      failures: 0,
      lost: 0,
      journalFrom: 1,
      worker: null,
      agent: null,
      agentVersion: null,
      retryMs: 0,
      input: null,
      feedback: [],
      error: null,
    },
  };
  if (work.kind === 'event') state.eventWaits.add(task);
  return addTask(state, task);
}

function workOfEvent(event: Begun, revision: number): TaskWork {
  switch (event.type) {
    case 'TimerStarted':
      return { kind: 'timer' };
    case 'SignalAwaited':
      return { kind: 'signal', name: event.data.signal };
    case 'EventAwaited':
      return { kind: 'event', eventType: event.data.eventType, source: event.data.source, after: event.data.after, since: revision };
    case 'ChildRunStarted':
      return { kind: 'child', started: event.data };
    default:
      return assertNever(event, 'begun work');
  }
}

/** The event that begins the work, at its task's first attempt or the given one. */
export function beginWork(state: RunState, resolution: BegunWork, nowMs: number): RunEvent {
  const { step, index, branch, attempt = 1 } = resolution;
  const begun = {
    ...{ task: taskId(step, index, stepState(state, step).visit), step, index, attempt, begunAt: isoTime(nowMs) },
    ...(branch === null ? {} : { branch }),
  };
  const deadlineAt = resolution.deadlineMs === null ? null : isoTime(resolution.deadlineMs);
  const { begins } = resolution;
  switch (begins.kind) {
    case 'timer':
      return { type: 'TimerStarted', data: { ...begun, wakeAt: deadlineAt ?? begun.begunAt } };
    case 'signal':
      return { type: 'SignalAwaited', data: { ...begun, signal: begins.name, deadlineAt } };
    case 'event': {
      const { eventType, source, after } = begins;
      return { type: 'EventAwaited', data: { ...begun, eventType, source, after, deadlineAt } };
    }
    case 'child':
      return { type: 'ChildRunStarted', data: { ...begun, ...begins.started, deadlineAt } };
    default:
      return assertNever(begins, 'work to begin');
  }
}

/** Work that is no agent's has ended well. */
export function workSucceeded(
  task: TaskState,
  output: Extract<RunEvent, { type: 'TaskSucceeded' }>['data']['output'],
  nowMs: number,
  takenFrom?: string,
): RunEvent {
  const durationMs = Math.max(0, nowMs - task.begunMs);
  const data = { task: task.id, attempt: task.attempt, output, durationMs };
  return { type: 'TaskSucceeded', data: takenFrom === undefined ? data : { ...data, takenFrom } };
}

/** A step sets variables: no time passes, and it has no task. */
export function setVariables({ step, values, output }: Extract<Resolution, { kind: 'set' }>): RunEvent {
  return { type: 'VariablesSet', data: { values, step, output, setBy: 'service:coordinator', reason: '' } };
}
