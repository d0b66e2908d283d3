import type { RunEvent, TaskAssignment } from '@tutti/contracts';
import { isoTime, type RecordedEvent } from '@tutti/kernel';
import { ApprovalAudit } from './approval-audit.js';
import type { StepShape } from './definition-shape.js';

interface AuditedStep {
  ending: 'succeeded' | 'failed' | 'skipped' | null;
  /** Gates passed since the output came, by name. */
  passed: Set<string>;
  hasOutput: boolean;
  fanOut: { readonly count: number; readonly concurrency: number } | null;
  /** A handler works in its place: it is not judged any more. */
  caught: boolean;
}

interface AuditedTask {
  readonly step: string;
  /** `begun` is work that no agent does. */
  status: 'waiting' | 'assigned' | 'begun' | 'retrying' | 'succeeded' | 'failed' | 'cancelled';
  attempt: number;
  worker: string | null;
  agent: string | null;
  /** When its attempt must have ended, or the next may begin, on the wall clock; null for never. */
  dueMs: number | null;
}

const AFTER_THE_END: ReadonlySet<string> = new Set(['TaskResultSuperseded', 'RunRepaired']);
const OPEN: readonly AuditedTask['status'][] = ['waiting', 'assigned', 'begun', 'retrying'];

/** The rules of a run, held against what was recorded of it. Knows nothing of how the coordinator decides. */
export class RunAudit {
  ending: 'succeeded' | 'failed' | 'cancelled' | null = null;
  readonly tasks = new Map<string, AuditedTask>();
  readonly key: string | null;
  readonly workflow: string;
  /** Another run waits for it, or has started it. */
  readonly isChild: boolean;
  /** Somebody ended it, and that is recorded; it may have been repaired since. */
  wasCancelled = false;
  private paused = false;
  private readonly steps = new Map<string, AuditedStep>();
  /** Steps that have succeeded, in their order. */
  private completed: string[] = [];
  private undoing: { readonly steps: readonly string[]; readonly done: string[] } | null = null;
  private readonly approvals: ApprovalAudit;

  constructor(
    readonly runId: string,
    started: RecordedEvent,
    private readonly shape: ReadonlyMap<string, StepShape>,
    private readonly complain: (problem: string) => void,
  ) {
    this.approvals = new ApprovalAudit((holds, problem) => this.expect(holds, problem));
    this.isChild = 'parent' in started.data;
    this.workflow = (started.data as { readonly workflow: string }).workflow;
    this.key = (started.data as { readonly idempotencyKey: string | null }).idempotencyKey;
  }

  /** Adds the tasks that are assigned and not ended, by worker and agent. */
  countHeld(held: Map<string, number>): void {
    for (const { status, worker, agent } of this.tasks.values()) {
      if (status !== 'assigned') continue;
      const seat = `${worker} ${agent}`;
      held.set(seat, (held.get(seat) ?? 0) + 1);
    }
  }

  /** What was due before: attempts that go on for all that, and, of a run that is not paused, retries that did not begin. */
  overdue({ deadlinesMs, retriesMs }: { readonly deadlinesMs: number; readonly retriesMs: number }): readonly string[] {
    if (this.ending !== null) return [];
    return [...this.tasks].flatMap(([id, { status, attempt, dueMs }]) => {
      if (dueMs === null) return [];
      if ((status === 'assigned' || status === 'begun') && dueMs < deadlinesMs)
        return [`attempt ${attempt} of task ${id} goes on after its deadline ${isoTime(dueMs)}`];
      if (status !== 'retrying' || this.paused || dueMs >= retriesMs) return [];
      return [`task ${id} was not tried again after attempt ${attempt}, though that was due at ${isoTime(dueMs)}`];
    });
  }

  take(recorded: RecordedEvent): void {
    const event = recorded as unknown as RunEvent;
    if (this.ending !== null && !AFTER_THE_END.has(event.type)) this.complain(`${event.type} after the run had ${this.ending}`);
    switch (event.type) {
      case 'RunStarted':
        return this.expect(recorded.revision === 0, 'it was started twice');
      case 'RunPaused':
      case 'RunResumed':
        this.paused = event.type === 'RunPaused';
        return;
      case 'StepSkipped':
        return this.end(event.data.step, 'skipped');
      case 'FanOutStarted':
        this.expectNeeds(event.data.step);
        this.step(event.data.step).fanOut = {
          count: event.data.count,
          concurrency: this.shape.get(event.data.step)?.concurrency ?? event.data.concurrency,
        };
        return;
      case 'FanOutJoined':
        return this.joined(event.data.step);
      case 'TaskScheduled':
        return this.scheduled(event.data);
      case 'TimerStarted':
        return this.begun(event.data, event.data.wakeAt);
      case 'SignalAwaited':
      case 'EventAwaited':
      case 'ChildRunStarted':
        return this.begun(event.data, event.data.deadlineAt);
      case 'VariablesSet':
        return this.variablesSet(event.data);
      case 'RepetitionDecided':
        if (event.data.again) this.steps.delete(event.data.step);
        return;
      case 'StepCaught':
        return this.caught(event.data.step);
      case 'GateStarted':
        this.steps.delete(event.data.inner);
        return;
      case 'CompensationStarted':
        this.wasCancelled ||= event.data.outcome === 'cancelled';
        return this.compensationStarted(event.data.steps);
      case 'CompensationEnded':
        return this.compensationEnded(event.data);
      case 'FailureHandlerStarted':
        this.steps.delete('on-failure:');
        return;
      case 'RunRepaired':
        return this.repaired(event.data);
      case 'TaskAssigned':
        return this.assigned(event.data.task, event.data.attempt, event.data.assignment);
      case 'TaskSucceeded':
        return this.taskSucceeded(event.data.task, event.data.attempt);
      case 'TaskAttemptFailed':
        return this.attemptFailed(event.data);
      case 'TaskCancelled':
        return this.set(event.data.task, 'cancelled');
      case 'GateEvaluated':
        return this.gate(event.data);
      case 'ApprovalRequested':
        this.expect(this.step(event.data.step).hasOutput, `step ${event.data.step} asks for approval before it has an output`);
        return this.approvals.take(event);
      case 'ApprovalVoted':
      case 'ApprovalDelegated':
      case 'ApprovalEscalated':
      case 'ApprovalDecided':
      case 'ApprovalExpired':
      case 'ApprovalVoided':
        return this.approvals.take(event);
      case 'StepSucceeded':
        return this.stepSucceeded(event.data.step);
      case 'StepFailed':
        return this.end(event.data.step, 'failed');
      case 'StepsReset':
        for (const step of event.data.steps) this.steps.delete(step);
        this.completed = this.completed.filter((id) => !event.data.steps.includes(id));
        return;
      case 'RunSucceeded':
        return this.runSucceeded();
      case 'RunFailed':
        this.ending = 'failed';
        return;
      case 'RunCancelled':
        this.ending = 'cancelled';
        this.wasCancelled = true;
        return;
      default:
        return;
    }
  }

  /** Why it has not ended, as far as its events say. */
  whatIsOpen(): string {
    const tasks = [...this.tasks].filter(([, { status }]) => OPEN.includes(status));
    return [
      ...tasks.map(([id, { status, attempt, worker }]) => `${id}#${attempt} ${status}${worker === null ? '' : ` at ${worker}`}`),
      ...this.approvals.pending().map((id) => `${id} pending`),
    ].join(', ');
  }

  private scheduled(data: Extract<RunEvent, { type: 'TaskScheduled' }>['data']): void {
    const { task: id, step: stepId, attempt, assignment } = data;
    this.expect(!this.tasks.has(id), `task ${id} was scheduled twice`);
    const step = this.step(stepId);
    if (step.fanOut === null) this.expectNeeds(stepId);
    this.expectForward(stepId);
    const task: AuditedTask = { step: stepId, status: 'waiting', attempt, worker: null, agent: null, dueMs: null };
    this.tasks.set(id, task);
    if (assignment !== null) assign(task, assignment);
    if (step.fanOut === null) return;
    const open = [...this.tasks.values()].filter((other) => other.step === stepId && OPEN.includes(other.status));
    this.expect(
      open.length <= step.fanOut.concurrency,
      `fan-out of step ${stepId} has ${open.length} tasks open; at most ${step.fanOut.concurrency}`,
    );
  }

  /** Work that no agent does, or another attempt of it. */
  private begun(
    { task: id, step, attempt }: { readonly task: string; readonly step: string; readonly attempt: number },
    dueAt: string | null,
  ): void {
    const known = this.tasks.get(id);
    const expected = known === undefined ? 1 : known.attempt + 1;
    const isExpected = attempt === expected && (known === undefined || known.status === 'retrying');
    this.expect(isExpected, `attempt ${attempt} of task ${id} began while ${known?.status ?? 'unknown'} at ${known?.attempt ?? 0}`);
    if (known === undefined && this.step(step).fanOut === null) this.expectNeeds(step);
    this.expectForward(step);
    const dueMs = dueAt === null ? null : Date.parse(dueAt);
    this.tasks.set(id, { step, status: 'begun', attempt, worker: null, agent: null, dueMs });
  }

  private variablesSet({ step: id, output }: Extract<RunEvent, { type: 'VariablesSet' }>['data']): void {
    if (id === null || output === undefined) return;
    this.expectNeeds(id);
    this.expectForward(id);
    this.step(id).hasOutput = true;
  }

  private caught(id: string): void {
    this.expect(!this.step(id).caught, `step ${id} was caught twice`);
    this.steps.delete(id);
    this.step(id).caught = true;
  }

  /** Everything that was done and can be undone, newest first. Lists that were done in part, and steps that handlers stood in for, may be there or not. */
  private compensationStarted(steps: readonly string[]): void {
    const inDoubt = (id: string): boolean => this.step(id).caught || this.shape.get(id)?.fansOut === true;
    const expected = this.completed.filter((id) => this.shape.get(id)?.isUndoable === true && !inDoubt(id)).toReversed();
    const undone = steps.map((id) => id.slice('undo:'.length));
    const certain = undone.filter((id) => !inDoubt(id));
    this.expect(certain.join() === expected.join(), `undoes ${certain.join()}; done were ${expected.join()}, newest first`);
    for (const id of steps) this.steps.delete(id);
    this.undoing = { steps, done: [] };
  }

  private compensationEnded({ compensated, failed }: Extract<RunEvent, { type: 'CompensationEnded' }>['data']): void {
    const { steps = [], done = [] } = this.undoing ?? {};
    const said = compensated.map((id) => `undo:${id}`);
    this.expect(said.join() === done.join(), `says that ${said.join()} were undone; it was ${done.join()}`);
    this.expect(
      compensated.length + failed.length === steps.length,
      `undid ${compensated.length} and could not ${failed.length} of ${steps.length}`,
    );
  }

  private repaired({ steps, outputs, kept = [] }: Extract<RunEvent, { type: 'RunRepaired' }>['data']): void {
    this.ending = null;
    this.undoing = null;
    for (const id of [...steps, ...Object.keys(outputs)]) {
      const fanOut = kept.includes(id) ? this.step(id).fanOut : null;
      this.steps.delete(id);
      this.step(id).fanOut = fanOut;
      this.completed = this.completed.filter((done) => done !== id);
    }
    for (const id of Object.keys(outputs)) Object.assign(this.step(id), { ending: 'succeeded', hasOutput: true });
    this.completed.push(...Object.keys(outputs));
  }

  /** Once a run undoes what was done, nothing of the definition itself begins any more. */
  private expectForward(step: string): void {
    this.expect(this.undoing === null || !this.shape.has(step), `step ${step} began while the run undoes what was done`);
  }

  private assigned(id: string, attempt: number, assignment: TaskAssignment): void {
    const task = this.tasks.get(id);
    const expected = task?.status === 'retrying' ? task.attempt + 1 : task?.attempt;
    const waits = task?.status === 'waiting' || task?.status === 'retrying';
    this.expect(
      waits && expected === attempt,
      `attempt ${attempt} of task ${id} was assigned while ${task?.status ?? 'unknown'} at ${task?.attempt ?? 0}`,
    );
    if (task === undefined) return;
    task.attempt = attempt;
    assign(task, assignment);
  }

  private taskSucceeded(id: string, attempt: number): void {
    const task = this.tasks.get(id);
    this.expect(
      (task?.status === 'assigned' || task?.status === 'begun') && task.attempt === attempt,
      `attempt ${attempt} of task ${id} succeeded while ${task?.status ?? 'unknown'} at ${task?.attempt ?? 0}`,
    );
    if (task === undefined) return;
    task.status = 'succeeded';
    const step = this.step(task.step);
    if (step.fanOut !== null) return;
    step.hasOutput = true;
    step.passed.clear();
  }

  private attemptFailed({ task: id, attempt, cause, retryAt }: Extract<RunEvent, { type: 'TaskAttemptFailed' }>['data']): void {
    const task = this.tasks.get(id);
    const wanted = cause === 'gate' ? ['succeeded'] : ['assigned', 'begun'];
    this.expect(
      task !== undefined && wanted.includes(task.status) && task.attempt === attempt,
      `attempt ${attempt} of task ${id} failed (${cause}) while ${task?.status ?? 'unknown'} at ${task?.attempt ?? 0}`,
    );
    if (task === undefined) return;
    task.status = retryAt === null ? 'failed' : 'retrying';
    task.dueMs = retryAt === null ? null : Date.parse(retryAt);
    if (cause === 'gate') this.step(task.step).hasOutput = false;
  }

  private joined(id: string): void {
    const step = this.step(id);
    const tasks = [...this.tasks.values()].filter((task) => task.step === id && task.status === 'succeeded');
    this.expect(
      step.fanOut !== null && tasks.length >= step.fanOut.count,
      `step ${id} was joined with ${tasks.length} of ${step.fanOut?.count ?? 0} tasks`,
    );
    step.hasOutput = true;
    step.passed.clear();
  }

  private gate({ step: id, gate, gateType, passed }: Extract<RunEvent, { type: 'GateEvaluated' }>['data']): void {
    const step = this.step(id);
    this.expect(step.hasOutput, `gate ${gate} of step ${id} was judged without an output`);
    if (!passed) return;
    this.expect(!step.caught, `gate ${gate} of step ${id} judged what a handler gave`);
    const first = this.shape.get(id)?.gates.find(({ name }) => !step.passed.has(name));
    this.expect(first?.name === gate, `gate ${gate} of step ${id} passed before ${first?.name ?? 'nothing'}`);
    if (gateType === 'approval') {
      this.expect(this.approvals.isApproved(id, gate), `gate ${gate} of step ${id} passed without an approval`);
    }
    step.passed.add(gate);
  }

  private stepSucceeded(id: string): void {
    const step = this.step(id);
    this.expect(step.hasOutput, `step ${id} succeeded without an output`);
    if (!step.caught)
      for (const { name } of this.shape.get(id)?.gates ?? [])
        this.expect(step.passed.has(name), `step ${id} succeeded without gate ${name}`);
    this.end(id, 'succeeded');
    if (this.undoing !== null && id.startsWith('undo:')) this.undoing.done.push(id);
    else if (this.shape.has(id)) this.completed.push(id);
  }

  private runSucceeded(): void {
    for (const id of this.shape.keys()) {
      const { ending } = this.step(id);
      this.expect(ending === 'succeeded' || ending === 'skipped', `the run succeeded while step ${id} had ${ending ?? 'not ended'}`);
    }
    this.ending = 'succeeded';
  }

  private expectNeeds(id: string): void {
    const shape = this.shape.get(id);
    for (const need of shape?.needs ?? []) {
      const { ending } = this.step(need);
      const fine = shape?.hasCondition === true ? ending !== null : ending === 'succeeded';
      this.expect(fine, `step ${id} began while ${need}, which it needs, had ${ending ?? 'not ended'}`);
    }
  }

  private end(id: string, ending: AuditedStep['ending']): void {
    const step = this.step(id);
    this.expect(step.ending === null, `step ${id} ended twice`);
    step.ending = ending;
  }

  private set(id: string, status: AuditedTask['status']): void {
    const task = this.tasks.get(id);
    this.expect(task !== undefined && OPEN.includes(task.status), `task ${id} became ${status} while ${task?.status ?? 'unknown'}`);
    if (task !== undefined) task.status = status;
  }

  private step(id: string): AuditedStep {
    let step = this.steps.get(id);
    if (step === undefined) this.steps.set(id, (step = { ending: null, passed: new Set(), hasOutput: false, fanOut: null, caught: false }));
    return step;
  }

  private expect(holds: boolean, problem: string): void {
    if (!holds) this.complain(problem);
  }
}

function assign(task: AuditedTask, { worker, agent, deadlineAt }: TaskAssignment): void {
  const dueMs = deadlineAt === null ? null : Date.parse(deadlineAt);
  Object.assign(task, { status: 'assigned', worker, agent, dueMs });
}
