import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import {
  upcast,
  type AssignmentCandidate,
  type Candidate,
  type ExplainTaskResponse,
  type RunEvent,
  type TaskAssignment,
  type TaskExplanation,
  type TaskLimit,
} from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import { isoTime, TuttiError, type Runtime } from '@tutti/kernel';
import { EVENT_STORE, RUNTIME } from '@tutti/service-kit';
import type { Plan, StepPlan } from '../definition/plan.js';
import { Permits } from '../limits/permits.js';
import { runStream } from '../owner/run-loader.js';
import { RunOwner } from '../owner/run-owner.js';
import { Router } from '../routing/router.js';
import { describeWork } from './describe-work.js';
import type { RunState, StepState, TaskState } from '../run/run.state.js';
import { hasEnded, stepState } from '../run/run.step-state.js';

const MAX_EXPLAINED = 200;
const NOBODY = { agent: '', worker: '', candidates: [] };

export class ExplainTask extends Query<ExplainTaskResponse> {
  constructor(
    readonly runId: string,
    /** A task's id, a step's id, or empty. */
    readonly task: string,
  ) {
    super();
  }
}

interface Assigned {
  readonly assignment: TaskAssignment;
  readonly time: string;
}

/** Says why each task went where it went, from its events, and why the others are still waiting, from the router. */
@QueryHandler(ExplainTask)
export class ExplainTaskHandler implements IQueryHandler<ExplainTask> {
  constructor(
    @Inject(RunOwner) private readonly owner: RunOwner,
    @Inject(Router) private readonly router: Router,
    @Inject(Permits) private readonly permits: Permits,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(RUNTIME) private readonly runtime: Runtime,
  ) {}

  async execute({ runId, task }: ExplainTask): Promise<ExplainTaskResponse> {
    const { state, plan } = await this.owner.peek(runId);
    const tasks = [...state.tasks.values()].filter(({ id, step }) => task === '' || task === id || task === step).slice(-MAX_EXPLAINED);
    const steps = [...plan.steps.values()].filter(
      ({ id }) => (task === '' || task === id) && (!tasks.some(({ step }) => step === id) || isPutOff(stepState(state, id))),
    );
    if (tasks.length === 0 && steps.length === 0) {
      throw new TuttiError(
        'TASK_NOT_FOUND',
        `run ${runId} has no task or step "${task}"; its steps are ${[...plan.steps.keys()].join(', ')}`,
      );
    }
    const assignments = await this.assignments(runId, new Set(tasks.map(({ id }) => id)));
    return {
      explanations: [
        ...tasks.map((each) => this.explain(each, state, assignments.get(each.id))),
        ...steps.map((step) => explainStep(step, plan, state)),
      ],
    };
  }

  private async assignments(runId: string, tasks: ReadonlySet<string>): Promise<ReadonlyMap<string, Assigned>> {
    const newest = new Map<string, Assigned>();
    for await (const recorded of this.store.readStream(runStream(runId))) {
      const event = upcast(recorded) as unknown as RunEvent;
      if (event.type !== 'TaskScheduled' && event.type !== 'TaskAssigned') continue;
      const { task, assignment } = event.data;
      if (assignment !== null && tasks.has(task)) newest.set(task, { assignment, time: recorded.time });
    }
    return newest;
  }

  private explainWaiting(task: TaskState, candidates: readonly AssignmentCandidate[]): string {
    const last = task.error === null ? '' : `; the last attempt failed: ${task.error.message}`;
    if (task.status === 'retrying' && task.retryMs > this.runtime.clock.now())
      return `waits for its next attempt at ${isoTime(task.retryMs)}${last}`;
    if (candidates.length === 0) return `waits for an agent with the capability "${task.capability}"; none is here${last}`;
    const exhausted = this.permits.exhausted(task.limits);
    if (exhausted !== null) return `waits for a permit of ${describeLimit(exhausted)}: ${this.describeUsage(exhausted)}${last}`;
    if (candidates.some(({ score }) => score !== null)) return `waits for its turn: others came first or are more urgent${last}`;
    const broken = candidates.filter(({ reason }) => reason.includes('breaker')).map(({ agent, reason }) => `${agent}: ${reason}`);
    const why = broken.length === 0 ? '' : `; ${[...new Set(broken)].join('; ')}`;
    return `waits with priority ${task.priority}: none of ${candidates.length} agents with the capability "${task.capability}" is free${why}${last}`;
  }

  private describeUsage(limit: TaskLimit): string {
    const { used, held, windowEndsMs } = this.permits.usage(limit);
    if (limit.kind === 'rate') return `those of this window are used up; the next begins at ${isoTime(windowEndsMs)}`;
    const here = `${used} ${used === 1 ? 'task has' : 'tasks have'} one here`;
    return held >= limit.limit ? here : `${here}, the others are with other coordinators or asked for`;
  }

  private explain(task: TaskState, run: RunState, assigned: Assigned | undefined): TaskExplanation {
    const base = { task: task.id, step: task.step, capability: task.capability, status: task.status, attempt: task.attempt };
    if (task.work.kind !== 'agent') return { ...base, ...NOBODY, summary: describeWork(task, run) };
    const isWaiting = task.status === 'waiting' || task.status === 'retrying';
    if (assigned !== undefined && !isWaiting) {
      const { agent, worker, reason, candidates } = assigned.assignment;
      const summary = `went to ${agent} by ${reason}${permitsOf(task)}`;
      return { ...base, summary, agent, worker, candidates: candidates.map(candidateMessage), decidedAt: assigned.time };
    }
    const candidates = this.router.candidates(task);
    const summary = run.status === 'paused' ? 'waits until the run is resumed' : this.explainWaiting(task, candidates);
    return { ...base, ...NOBODY, summary, candidates: candidates.map(candidateMessage) };
  }
}

/** What it had to have besides an agent. */
function permitsOf({ limits }: TaskState): string {
  return limits.length === 0 ? '' : `, with a permit of ${limits.map(describeLimit).join(' and of ')}`;
}

function describeLimit({ kind, scope, limit, perMs }: TaskLimit): string {
  const name = scope.slice(scope.indexOf(':') + 1);
  return kind === 'rate' ? `rate limit "${name}" (${limit} in ${perMs ?? 0} ms)` : `concurrency "${name}" (${limit} at once)`;
}

/** It repeats, and the next time is not yet. */
function isPutOff({ status, notBeforeMs }: StepState): boolean {
  return status === 'pending' && notBeforeMs > 0;
}

function explainStep(step: StepPlan, plan: Plan, state: RunState): TaskExplanation {
  const { status } = stepState(state, step.id);
  const open = step.needs.filter((need) => !hasEnded(stepState(state, need).status));
  const { iteration, notBeforeMs } = stepState(state, step.id);
  const summary =
    status === 'skipped'
      ? 'was skipped; see its events'
      : isPutOff(stepState(state, step.id))
        ? `is done again, for the ${iteration}. time, at ${isoTime(notBeforeMs)}`
        : open.length > 0
          ? `waits for ${open.join(', ')}`
          : `is ${status} in version ${plan.version} of ${plan.name}`;
  const capability = step.body.kind === 'task' ? step.body.capability : '';
  return { ...NOBODY, task: '', step: step.id, capability, status, attempt: 0, summary };
}

function candidateMessage({ agent, worker, load, capacity, score, reason }: AssignmentCandidate): Candidate {
  return { agent, worker, load, capacity, score: score ?? undefined, eligible: score !== null, reason };
}
