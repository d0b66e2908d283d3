import type { AttemptView, Failure, RunEvent, TaskAssignment, TaskHistory } from '@tutti/contracts';
import { awaitedBy, awaitedMessage, isBegin, type BeginEvent } from './awaited.js';

type Data<Type extends RunEvent['type']> = Extract<RunEvent, { readonly type: Type }>['data'];
type Draft<View> = { -readonly [Member in keyof View]: View[Member] };

interface HistoryDraft extends Omit<Draft<TaskHistory>, 'attempts'> {
  readonly attempts: Draft<AttemptView>[];
}

const OUTCOME = { error: 'failed', timeout: 'timed-out', lost: 'lost', gate: 'rejected' } as const;

/** Every task of a run with all of its attempts, gathered event by event. */
export class TaskHistories {
  private readonly tasks = new Map<string, HistoryDraft>();

  apply(event: RunEvent, time: string): void {
    if (isBegin(event)) return this.begun(event, time);
    switch (event.type) {
      case 'TaskScheduled':
        return this.scheduled(event.data, time);
      case 'TaskAssigned':
        return this.assigned(event.data.task, event.data.attempt, event.data.assignment, time);
      case 'TaskSucceeded':
        return this.ended(event.data, time, 'succeeded', { outcome: 'succeeded', durationMs: event.data.durationMs });
      case 'TaskAttemptFailed':
        return this.failed(event.data, time);
      case 'TaskCancelled':
        return this.cancelled(event.data, time);
      case 'TaskResultSuperseded': {
        const attempt = this.attempt(event.data.task, event.data.attempt);
        if (attempt !== undefined) Object.assign(attempt, { lateResult: event.data.outcome, durationMs: event.data.durationMs });
        return;
      }
      default:
    }
  }

  has(task: string): boolean {
    return this.tasks.has(task);
  }

  /** Those that the test wants, in the order they were scheduled; at most `limit`, the newest. */
  list(wanted: (history: TaskHistory) => boolean, limit: number): readonly TaskHistory[] {
    return [...this.tasks.values()].filter(wanted).slice(-limit);
  }

  private scheduled(data: Data<'TaskScheduled'>, time: string): void {
    const { task, step, capability, attempt, assignment } = data;
    this.tasks.set(task, { task, step, capability, status: 'scheduled', scheduledAt: time, attempts: [] });
    if (assignment !== null) this.assigned(task, attempt, assignment, time);
  }

  private begun(event: BeginEvent, time: string): void {
    const { task: id, step, attempt } = event.data;
    const awaited = awaitedMessage(awaitedBy(event));
    const known = this.tasks.get(id) ?? { task: id, step, capability: '', status: '', scheduledAt: time, attempts: [] };
    this.tasks.set(id, Object.assign(known, { status: 'waiting', awaited }));
    const deadline = awaited?.until === undefined ? {} : { deadlineAt: awaited.until };
    known.attempts.push({
      ...{ attempt, agent: '', agentVersion: '', worker: '', assignedAt: time, ...deadline },
      ...{ outcome: 'running', lateResult: '' },
    });
  }

  private assigned(id: string, attempt: number, assignment: TaskAssignment, time: string): void {
    const task = this.tasks.get(id);
    if (task === undefined) return;
    const { agent, agentVersion, worker, deadlineAt } = assignment;
    const deadline = deadlineAt === null ? {} : { deadlineAt };
    task.status = 'assigned';
    task.attempts.push({ attempt, agent, agentVersion, worker, assignedAt: time, ...deadline, outcome: 'running', lateResult: '' });
  }

  private failed({ task: id, attempt, cause, error, retryAt }: Data<'TaskAttemptFailed'>, time: string): void {
    const retry = retryAt === null ? {} : { retryAt };
    const change = { outcome: OUTCOME[cause], error: errorOf(error, this.tasks.get(id)?.step ?? ''), ...retry };
    this.ended({ task: id, attempt }, time, retryAt === null ? 'failed' : 'retrying', change);
  }

  private cancelled({ task: id, attempt, reason }: Data<'TaskCancelled'>, time: string): void {
    const task = this.tasks.get(id);
    if (task === undefined) return;
    task.status = 'cancelled';
    const last = this.attempt(id, attempt);
    // It may have ended already: its task was waiting for another.
    if (last?.outcome === 'running')
      Object.assign(last, { outcome: 'cancelled', endedAt: time, error: errorOf({ code: 'CANCELLED', message: reason }, task.step) });
  }

  private ended(at: { readonly task: string; readonly attempt: number }, time: string, status: string, change: Partial<AttemptView>): void {
    const task = this.tasks.get(at.task);
    if (task === undefined) return;
    task.status = status;
    const attempt = this.attempt(at.task, at.attempt);
    if (attempt !== undefined) Object.assign(attempt, { endedAt: time, ...change });
  }

  private attempt(task: string, attempt: number): Draft<AttemptView> | undefined {
    return this.tasks.get(task)?.attempts.findLast((known) => known.attempt === attempt);
  }
}

function errorOf({ code, message }: Pick<Failure, 'code' | 'message'>, step: string): NonNullable<AttemptView['error']> {
  return { code, message, step };
}
