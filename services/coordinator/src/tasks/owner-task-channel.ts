import type {
  AnnouncementAnswer,
  AttemptOutcome,
  AttemptRef,
  BeatAnswer,
  ClaimAnswer,
  TaskChannel,
  WorkerAnnouncement,
  WorkerBeat,
} from '@tutti/contracts';
import { isoTime, isTuttiError, TuttiError } from '@tutti/kernel';
import type { Logger, ValueStore } from '@tutti/service-kit';
import { describeProblems, type CompiledSchema } from '../definition/json-schema.js';
import { findStep, type Plan } from '../definition/plan.js';
import { loadsOf } from '../liveness/assignments.js';
import type { WorkerPresence } from '../liveness/worker-presence.js';
import type { RunOwner } from '../owner/run-owner.js';
import type { Router } from '../routing/router.js';
import type { TaskOutcome } from '../run/run.commands.js';
import { workOfTask } from '../run/run.work-plan.js';
import { isOpen, type RunState } from '../run/run.state.js';

interface TaskChannelParts {
  readonly owner: RunOwner;
  readonly router: Router;
  readonly presence: WorkerPresence;
  readonly values: ValueStore;
  readonly logger: Logger;
  /** How often workers are to give a sign of life. */
  readonly beatMs: number;
  /** Told when a worker is gone for good, so that what waits for it on the bus can be dropped. */
  readonly onDeparted: (worker: WorkerAnnouncement) => Promise<void>;
}

type Succeeded = Extract<AttemptOutcome, { readonly outcome: 'succeeded' }>;

interface Subject {
  readonly state: RunState;
  readonly plan: Plan;
}

/** Runs that are looked up at once when a worker says what it holds. */
const LOOKED_UP_AT_ONCE = 32;

/** The owner's end of the task channel. Claims are answered from memory, results become durable before they are answered. */
export class OwnerTaskChannel implements TaskChannel {
  constructor(private readonly parts: TaskChannelParts) {}

  async announce(announcement: WorkerAnnouncement): Promise<AnnouncementAnswer> {
    const { owner, router, presence, beatMs } = this.parts;
    const { worker, holding } = announcement;
    // Of a worker that is known already some may still be on their way to it.
    const assigned = owner.assignedTo(worker);
    const before = presence.isKnown(worker) ? [] : assigned;
    presence.announce(announcement);
    router.announce(announcement, loadsOf(assigned));
    const lost = before.filter((attempt) => presence.lacks(worker, attempt));
    await owner.giveAway(worker, lost, `worker ${worker} came back without it`);
    return { beatMs, superseded: await this.supersededOf(worker, holding) };
  }

  async beat(worker: string, { silent }: WorkerBeat): Promise<BeatAnswer> {
    if (!this.parts.presence.beat(worker)) return { known: false };
    await Promise.all(silent.map((attempt) => this.endSilent(worker, attempt)));
    return { known: true };
  }

  async drain(worker: string): Promise<void> {
    this.parts.router.drain(worker);
    await Promise.resolve();
  }

  async depart(worker: string): Promise<void> {
    const known = this.parts.presence.leave(worker);
    this.parts.router.remove(worker);
    await this.parts.owner.workerGone(worker, `worker ${worker} left`);
    if (known !== null) await this.parts.onDeparted(known);
  }

  async claim(worker: string, attempt: AttemptRef): Promise<ClaimAnswer> {
    const { owner, presence } = this.parts;
    presence.claims(worker, attempt);
    const answer = answerClaim(owner.inMemory(attempt.runId) ?? (await owner.peek(attempt.runId)), worker, attempt);
    if (answer.verdict === 'go') return answer;
    // Memory may be ahead of the store by an append that fails, or behind what another owner appended; an attempt is taken from its worker by what is durable alone.
    return answerClaim(await owner.renewed(attempt.runId), worker, attempt);
  }

  async report(_worker: string, { runId, task, attempt }: AttemptRef, outcome: AttemptOutcome): Promise<void> {
    const { owner } = this.parts;
    const known = owner.inMemory(runId) ?? (await owner.peek(runId));
    const subject = known.state.tasks.has(task) ? known : await owner.renewed(runId);
    let checked: TaskOutcome = outcome;
    if (outcome.outcome === 'succeeded') {
      const schema = outputSchema(subject, runId, task);
      if (schema !== null) checked = await this.holdAgainst(schema, outcome);
    }
    await owner.send(runId, { type: 'RecordResult', task, attempt, outcome: checked });
  }

  /** Its lease ran out, or it did not come back to this owner in time. */
  async gone(worker: string, known: WorkerAnnouncement | null): Promise<void> {
    const { router, owner, logger } = this.parts;
    const reason = known === null ? `worker ${worker} did not come back` : `worker ${worker} was silent for too long`;
    logger.warn('a worker is taken to be dead; what it held goes elsewhere', { worker, reason });
    router.remove(worker);
    await owner.workerGone(worker, reason);
    if (known === null) return;
    // Refused for a worker that is only stopped: it still listens, and what waits for it is claimed in vain when it goes on.
    await this.parts
      .onDeparted(known)
      .catch((error: unknown) => logger.debug('messages for a silent worker are kept', { worker, err: error }));
  }

  private async endSilent(worker: string, { runId, task, attempt }: AttemptRef): Promise<void> {
    try {
      await this.parts.owner.send(runId, { type: 'EndSilentAttempt', task, attempt, worker });
    } catch (error) {
      // The worker says it again with its next beat.
      this.parts.logger.warn('an attempt whose agent is silent could not be ended yet', { run: runId, task, attempt, err: error });
    }
  }

  private async supersededOf(worker: string, holding: readonly AttemptRef[]): Promise<readonly AttemptRef[]> {
    const superseded: AttemptRef[] = [];
    for (let at = 0; at < holding.length; at += LOOKED_UP_AT_ONCE) {
      const some = holding.slice(at, at + LOOKED_UP_AT_ONCE);
      const counts = await Promise.all(some.map((attempt) => this.counts(worker, attempt)));
      superseded.push(...some.filter((_, index) => !counts[index]));
      // Looking up many may take longer than a lease.
      this.parts.presence.beat(worker);
    }
    return superseded;
  }

  private async counts(worker: string, attempt: AttemptRef): Promise<boolean> {
    try {
      const { owner } = this.parts;
      if (answerClaim(await owner.settled(attempt.runId), worker, attempt).verdict === 'go') return true;
      return answerClaim(await owner.renewed(attempt.runId), worker, attempt).verdict === 'go';
    } catch (error) {
      // What cannot be looked up now is settled when its result comes.
      return !isTuttiError(error, 'RUN_NOT_FOUND');
    }
  }

  private async holdAgainst(schema: CompiledSchema, outcome: Succeeded): Promise<TaskOutcome> {
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

/** Null when the step says nothing of its output. */
function outputSchema({ state, plan }: Subject, runId: string, taskId: string): CompiledSchema | null {
  const task = state.tasks.get(taskId);
  if (task === undefined) throw new TuttiError('TASK_NOT_FOUND', `run ${runId} has no task "${taskId}"`);
  return findStep(plan, task.step)?.output ?? null;
}

function answerClaim({ state, plan }: Subject, worker: string, { task: taskId, attempt }: AttemptRef): ClaimAnswer {
  const task = state.tasks.get(taskId);
  if (task?.attempt !== attempt) return { verdict: 'superseded' };
  if (task.status === 'succeeded') return { verdict: 'done' };
  if (!isOpen(state) || task.status !== 'assigned' || task.input === null) return { verdict: 'superseded' };
  if (task.worker !== worker) return { verdict: 'elsewhere' };
  const deadlineAt = task.deadlineMs === null ? null : isoTime(task.deadlineMs);
  const work = workOfTask(plan, state, task);
  const heartbeatMs = work?.kind === 'task' ? work.heartbeatMs : null;
  const go = { verdict: 'go', input: task.input, feedback: task.feedback, deadlineAt, journalFrom: task.journalFrom } as const;
  return heartbeatMs === null ? go : { ...go, heartbeatMs };
}
