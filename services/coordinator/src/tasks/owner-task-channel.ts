import type { AttemptOutcome, AttemptRef, ClaimAnswer, TaskChannel, WorkerAnnouncement } from '@tutti/contracts';
import { isoTime, TuttiError } from '@tutti/kernel';
import type { ValueStore } from '@tutti/service-kit';
import { describeProblems } from '../definition/json-schema.js';
import type { RunOwner } from '../owner/run-owner.js';
import type { Router } from '../routing/router.js';
import type { TaskOutcome } from '../run/run.commands.js';
import { isOpen, type RunState } from '../run/run.state.js';

interface TaskChannelParts {
  readonly owner: RunOwner;
  readonly router: Router;
  readonly values: ValueStore;
  /** Told when a worker is gone for good, so that what waits for it on the bus can be dropped. */
  readonly onDeparted: (worker: WorkerAnnouncement) => Promise<void>;
}

/** The owner's end of the task channel. Claims are answered from memory, results become durable before they are answered. */
export class OwnerTaskChannel implements TaskChannel {
  private readonly announced = new Map<string, WorkerAnnouncement>();

  constructor(private readonly parts: TaskChannelParts) {}

  async announce(worker: WorkerAnnouncement): Promise<void> {
    this.announced.set(worker.worker, worker);
    this.parts.router.announce(worker, this.parts.owner.heldBy(worker.worker));
    await Promise.resolve();
  }

  async drain(worker: string): Promise<void> {
    this.parts.router.drain(worker);
    await Promise.resolve();
  }

  async depart(worker: string): Promise<void> {
    const known = this.announced.get(worker);
    this.announced.delete(worker);
    this.parts.router.remove(worker);
    await this.parts.owner.workerGone(worker, `worker ${worker} left`);
    if (known !== undefined) await this.parts.onDeparted(known);
  }

  async claim(worker: string, attempt: AttemptRef): Promise<ClaimAnswer> {
    const { owner } = this.parts;
    const answer = answerClaim((await owner.peek(attempt.runId)).state, worker, attempt);
    if (answer.verdict === 'go') return answer;
    // Memory may be ahead of the store by an append that fails; an attempt is taken from its worker by what is durable alone.
    return answerClaim((await owner.settled(attempt.runId)).state, worker, attempt);
  }

  async report(_worker: string, { runId, task, attempt }: AttemptRef, outcome: AttemptOutcome): Promise<void> {
    const checked = await this.holdAgainstSchema(runId, task, outcome);
    await this.parts.owner.send(runId, { type: 'RecordResult', task, attempt, outcome: checked });
  }

  private async holdAgainstSchema(runId: string, taskId: string, outcome: AttemptOutcome): Promise<TaskOutcome> {
    if (outcome.outcome !== 'succeeded') return outcome;
    const { plan, state } = await this.parts.owner.peek(runId);
    const task = state.tasks.get(taskId);
    if (task === undefined) throw new TuttiError('TASK_NOT_FOUND', `run ${runId} has no task "${taskId}"`);
    const schema = plan.steps.get(task.step)?.output ?? null;
    if (schema === null) return outcome;
    const value = this.parts.values.peek(outcome.output) ?? (await this.parts.values.load(outcome.output));
    const problems = schema.check(value);
    if (problems.length === 0) return outcome;
    return {
      outcome: 'failed',
      error: {
        code: 'OUTPUT_INVALID',
        message: `the output does not match the step's schema: ${describeProblems(problems)}`,
        retryable: true,
      },
      problems: problems.map((problem) => ({ ...problem })),
      durationMs: outcome.durationMs,
    };
  }
}

function answerClaim(state: RunState, worker: string, { task: taskId, attempt }: AttemptRef): ClaimAnswer {
  const task = state.tasks.get(taskId);
  if (task?.attempt !== attempt) return { verdict: 'superseded' };
  if (task.status === 'succeeded') return { verdict: 'done' };
  if (!isOpen(state) || task.status !== 'assigned' || task.input === null) return { verdict: 'superseded' };
  if (task.worker !== worker) return { verdict: 'elsewhere' };
  const deadlineAt = task.deadlineMs === null ? null : isoTime(task.deadlineMs);
  return { verdict: 'go', input: task.input, feedback: task.feedback, deadlineAt, journalFrom: task.journalFrom };
}
