import type { FollowedRunEvent } from '@tutti/service-process/follower';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { OpenWork } from './open-work.js';

interface OpenRun {
  readonly workflow: string;
  readonly startedAtMs: number;
  /** Keys of its open tasks. */
  readonly tasks: Set<string>;
}

interface OpenTask {
  readonly capability: string;
  readonly scheduledAtMs: number;
  /** Null while it waits for an agent or a permit. */
  agent: string | null;
  assignedAtMs: number;
}

/** Attempts with this label ended without an agent: sleeps, waits, child runs. */
const NO_AGENT = '';
const UNKNOWN = '(unknown)';
const MOST_OPEN_RUNS = 100_000;
const MOST_OPEN_TASKS = 400_000;
const SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800, 7_200, 86_400];

/** What runs do, as Prometheus counters and histograms. Every number is counted from events; what began before this process followed is counted when it ends, but not timed. */
export class RunMetrics {
  private readonly runs = new OpenWork<OpenRun>(MOST_OPEN_RUNS);
  private readonly tasks = new OpenWork<OpenTask>(MOST_OPEN_TASKS);
  private readonly started;
  private readonly ended;
  private readonly runSeconds;
  private readonly attempts;
  private readonly attemptSeconds;
  private readonly waitSeconds;
  private readonly superseded;
  private readonly gates;
  private readonly approvals;

  constructor(registry: Registry) {
    const registers = [registry];
    const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
      new Counter({ name, help, labelNames, registers });
    const seconds = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
      new Histogram({ name, help, labelNames, registers, buckets: SECONDS });
    this.started = counter('tutti_runs_started_total', 'Runs that started.', ['workflow']);
    this.ended = counter('tutti_runs_ended_total', 'Runs that ended, by how.', ['workflow', 'status']);
    this.runSeconds = seconds('tutti_run_duration_seconds', 'From the start of a run to its end.', ['workflow', 'status']);
    this.attempts = counter('tutti_task_attempts_total', 'Attempts of tasks that ended, by how.', ['capability', 'agent', 'outcome']);
    this.attemptSeconds = seconds('tutti_task_attempt_duration_seconds', 'From the assignment of an attempt to its end.', [
      'capability',
      'agent',
      'outcome',
    ]);
    this.waitSeconds = seconds('tutti_task_wait_seconds', 'From the scheduling of a task to its assignment.', ['capability']);
    this.superseded = counter('tutti_task_results_superseded_total', 'Results that came too late to count.', ['outcome']);
    this.gates = counter('tutti_gate_verdicts_total', 'Verdicts of gates.', ['type', 'passed', 'action']);
    this.approvals = counter('tutti_approvals_total', 'What became of approvals.', ['outcome']);
    this.openGauge(registry);
  }

  fold({ runId, atMs, event }: FollowedRunEvent): void {
    switch (event.type) {
      case 'RunStarted':
        this.runs.begin(runId, { workflow: event.data.workflow, startedAtMs: atMs, tasks: new Set() });
        return this.started.inc({ workflow: event.data.workflow });
      case 'RunSucceeded':
        return this.endRun(runId, 'succeeded', atMs);
      case 'RunFailed':
        return this.endRun(runId, 'failed', atMs);
      case 'RunCancelled':
        return this.endRun(runId, 'cancelled', atMs);
      case 'TaskScheduled': {
        const { task, capability, assignment } = event.data;
        const key = `${runId}/${task}`;
        this.tasks.begin(key, { capability, scheduledAtMs: atMs, agent: null, assignedAtMs: atMs });
        this.runs.get(runId)?.tasks.add(key);
        if (assignment !== null) this.assign(key, assignment.agent, atMs);
        return;
      }
      case 'TaskAssigned':
        return this.assign(`${runId}/${event.data.task}`, event.data.assignment.agent, atMs);
      case 'TaskSucceeded':
        return this.endAttempt(runId, event.data.task, 'succeeded', atMs);
      case 'TaskCancelled':
        return this.endAttempt(runId, event.data.task, 'cancelled', atMs);
      case 'TaskAttemptFailed':
        return this.endAttempt(runId, event.data.task, event.data.cause, atMs);
      case 'TaskResultSuperseded':
        return this.superseded.inc({ outcome: event.data.outcome });
      case 'GateEvaluated':
        return this.gates.inc({ type: event.data.gateType, passed: String(event.data.passed), action: event.data.action });
      case 'ApprovalRequested':
        return this.approvals.inc({ outcome: 'requested' });
      case 'ApprovalDecided':
        return this.approvals.inc({ outcome: event.data.approved ? 'approved' : 'rejected' });
      case 'ApprovalExpired':
        return this.approvals.inc({ outcome: 'expired' });
      default:
        return;
    }
  }

  private endRun(runId: string, status: string, atMs: number): void {
    const run = this.runs.end(runId);
    const workflow = run?.workflow ?? UNKNOWN;
    this.ended.inc({ workflow, status });
    if (run === null) return;
    this.runSeconds.observe({ workflow, status }, secondsBetween(run.startedAtMs, atMs));
    this.tasks.endAll(run.tasks);
  }

  private assign(key: string, agent: string, atMs: number): void {
    const task = this.tasks.get(key);
    if (task === null) return;
    task.agent = agent;
    task.assignedAtMs = atMs;
    this.waitSeconds.observe({ capability: task.capability }, secondsBetween(task.scheduledAtMs, atMs));
  }

  private endAttempt(runId: string, task: string, outcome: string, atMs: number): void {
    const key = `${runId}/${task}`;
    const open = this.tasks.end(key);
    this.runs.get(runId)?.tasks.delete(key);
    const labels = { capability: open?.capability ?? UNKNOWN, agent: open === null ? UNKNOWN : (open.agent ?? NO_AGENT), outcome };
    this.attempts.inc(labels);
    if (open !== null && open.agent !== null) this.attemptSeconds.observe(labels, secondsBetween(open.assignedAtMs, atMs));
  }

  private openGauge(registry: Registry): void {
    const { runs, tasks } = this;
    const registers = [registry];
    new Gauge({
      name: 'tutti_runs_open',
      help: 'Runs that started while this process followed, and have not ended.',
      registers,
      collect() {
        this.set(runs.size);
      },
    });
    new Gauge({
      name: 'tutti_tasks_open',
      help: 'Tasks of such runs that are scheduled or at work.',
      registers,
      collect() {
        this.set(tasks.size);
      },
    });
  }
}

/** Clocks of machines differ a little: never below zero. */
function secondsBetween(fromMs: number, toMs: number): number {
  return Math.max(0, toMs - fromMs) / 1_000;
}
