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

  runStarted(runId: string, workflow: string, atMs: number): void {
    this.runs.begin(runId, { workflow, startedAtMs: atMs, tasks: new Set() });
    this.started.inc({ workflow });
  }

  runEnded(runId: string, status: 'succeeded' | 'failed' | 'cancelled', atMs: number): void {
    const run = this.runs.end(runId);
    const workflow = run?.workflow ?? UNKNOWN;
    this.ended.inc({ workflow, status });
    if (run === null) return;
    this.runSeconds.observe({ workflow, status }, secondsBetween(run.startedAtMs, atMs));
    this.tasks.endAll(run.tasks);
  }

  taskScheduled(runId: string, task: string, capability: string, atMs: number): void {
    const key = taskKey(runId, task);
    this.tasks.begin(key, { capability, scheduledAtMs: atMs, agent: null, assignedAtMs: atMs });
    this.runs.get(runId)?.tasks.add(key);
  }

  taskAssigned(runId: string, task: string, agent: string, atMs: number): void {
    const open = this.tasks.get(taskKey(runId, task));
    if (open === null) return;
    open.agent = agent;
    open.assignedAtMs = atMs;
    this.waitSeconds.observe({ capability: open.capability }, secondsBetween(open.scheduledAtMs, atMs));
  }

  attemptEnded(runId: string, task: string, outcome: string, atMs: number): void {
    const key = taskKey(runId, task);
    const open = this.tasks.end(key);
    this.runs.get(runId)?.tasks.delete(key);
    const labels = { capability: open?.capability ?? UNKNOWN, agent: open === null ? UNKNOWN : (open.agent ?? NO_AGENT), outcome };
    this.attempts.inc(labels);
    if (open !== null && open.agent !== null) this.attemptSeconds.observe(labels, secondsBetween(open.assignedAtMs, atMs));
  }

  resultSuperseded(outcome: string): void {
    this.superseded.inc({ outcome });
  }

  gateEvaluated(type: string, passed: boolean, action: string): void {
    this.gates.inc({ type, passed: String(passed), action });
  }

  approval(outcome: 'requested' | 'approved' | 'rejected' | 'expired'): void {
    this.approvals.inc({ outcome });
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

function taskKey(runId: string, task: string): string {
  return `${runId}/${task}`;
}

/** Clocks of machines differ a little: never below zero. */
function secondsBetween(fromMs: number, toMs: number): number {
  return Math.max(0, toMs - fromMs) / 1_000;
}
