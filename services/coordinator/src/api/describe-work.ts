import { assertNever, isoTime } from '@tutti/kernel';
import type { RunState, TaskState, TaskWork } from '../run/run.state.js';

/** One sentence on work that no agent does. */
export function describeWork(task: TaskState, run: RunState): string {
  const { status, deadlineMs, attempt, error, retryMs } = task;
  const { what, until } = describe(task.work);
  if (status === 'begun') {
    const held = run.status === 'paused' ? '; the run is paused' : '';
    return `${what}${deadlineMs === null ? '' : ` ${until} ${isoTime(deadlineMs)}`}${held}`;
  }
  if (status === 'retrying') return `waits for its next attempt at ${isoTime(retryMs)}; ${what} in attempt ${attempt}${because(error)}`;
  if (status === 'failed') return `${what}, and failed${because(error)}`;
  return `${what}; it ${status === 'succeeded' ? 'has come to its end' : 'was cancelled'}`;
}

function describe(work: TaskWork): { readonly what: string; readonly until: string } {
  switch (work.kind) {
    case 'timer':
      return { what: 'waits for its time', until: 'to come,' };
    case 'signal':
      return { what: `waits for a signal "${work.name}"`, until: 'until' };
    case 'event':
      return { what: `waits for an event "${work.eventType}"${work.source === null ? '' : ` from "${work.source}"`}`, until: 'until' };
    case 'child':
      return { what: `waits for run ${work.started.runId} of ${work.started.workflow}`, until: 'until' };
    case 'agent':
      return { what: 'is an agent’s', until: 'until' };
    default:
      return assertNever(work, 'work');
  }
}

function because(error: TaskState['error']): string {
  return error === null ? '' : `: ${error.message}`;
}
