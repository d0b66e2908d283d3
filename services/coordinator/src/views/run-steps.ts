import type { Failure, RunEvent } from '@tutti/contracts';
import { awaitedBy, isBegin, type AwaitedDocument, type BeginEvent } from './awaited.js';

/** Of one step; a document holds all of its steps. */
const MAX_CHILDREN = 100;

export interface StepDocument {
  status: 'running' | 'awaiting-approval' | 'succeeded' | 'failed' | 'skipped' | 'pending' | 'cancelled';
  agent: string;
  attempts: number;
  tasks: number;
  tasksSucceeded: number;
  tasksFailed: number;
  gates: readonly GateDocument[];
  startedAt: string | null;
  endedAt: string | null;
  error: Failure | null;
  skipReason: string;
  /** What its newest task waits for, while it is open and no agent's. */
  awaited: (AwaitedDocument & { readonly task: string }) | null;
  /** How often it has been repeated. */
  repetitions: number;
  /** Runs that do or did its work, the newest last; absent when none ever did. */
  children?: readonly ChildDocument[];
}

interface GateDocument {
  readonly gate: string;
  readonly type: string;
  readonly passed: boolean;
  readonly message: string;
  readonly action: string;
}

/** A run that does a step's work; what has become of it, its own document says. */
export interface ChildDocument {
  readonly runId: string;
  readonly task: string;
  readonly workflow: string;
  readonly block: string | null;
  readonly detached: boolean;
}

/** A run's steps by their ids, inner ones too. Only those that something has happened to. */
export type StepDocuments = Record<string, StepDocument>;

/** Applies what an event means to single steps. */
export function evolveSteps(document: HasSteps, event: RunEvent, time: string): void {
  if (isBegin(event)) return begun(document, event, time);
  switch (event.type) {
    case 'FanOutStarted':
      Object.assign(stepOf(document, event.data.step), { status: 'running', startedAt: time, tasks: event.data.count });
      return;
    case 'TaskScheduled': {
      const step = stepOf(document, event.data.step);
      step.status = 'running';
      step.startedAt ??= time;
      if (event.data.index === null) step.tasks = 1;
      if (event.data.assignment !== null) assigned(step, event.data.assignment.agent);
      return;
    }
    case 'TaskAssigned':
      assigned(stepOf(document, event.data.step), event.data.assignment.agent);
      return;
    case 'TaskSucceeded': {
      const step = stepOf(document, stepOfTask(event.data.task));
      step.tasksSucceeded++;
      waitsNoMore(step, event.data.task);
      return;
    }
    case 'TaskCancelled':
      waitsNoMore(stepOf(document, stepOfTask(event.data.task)), event.data.task);
      return;
    case 'RepetitionDecided': {
      if (!event.data.again) return;
      const { attempts, startedAt } = stepOf(document, event.data.step);
      document.steps[event.data.step] = { ...emptyStep(), status: 'running', attempts, startedAt, repetitions: event.data.iteration };
      return;
    }
    case 'VariablesSet': {
      if (event.data.step === null) return;
      const step = stepOf(document, event.data.step);
      step.status = 'running';
      step.startedAt ??= time;
      return;
    }
    case 'TaskAttemptFailed': {
      const step = stepOf(document, stepOfTask(event.data.task));
      waitsNoMore(step, event.data.task);
      if (event.data.cause === 'gate') step.tasksSucceeded--;
      if (event.data.retryAt === null) step.tasksFailed++;
      return;
    }
    case 'GateEvaluated': {
      const { step: id, gate, gateType: type, passed, message, action } = event.data;
      const step = stepOf(document, id);
      step.status = 'running';
      step.gates = [...step.gates.filter((other) => other.gate !== gate), { gate, type, passed, message, action }];
      return;
    }
    case 'ApprovalRequested':
      stepOf(document, event.data.step).status = 'awaiting-approval';
      return;
    case 'StepSkipped':
      Object.assign(stepOf(document, event.data.step), { status: 'skipped', endedAt: time, skipReason: event.data.message });
      return;
    case 'StepSucceeded':
      Object.assign(stepOf(document, event.data.step), { status: 'succeeded', endedAt: time });
      return;
    case 'StepFailed':
      Object.assign(stepOf(document, event.data.step), { status: 'failed', endedAt: time, error: event.data.error });
      return;
    case 'StepsReset':
      for (const id of event.data.steps) clear(document, id);
      return;
    case 'StepCaught':
      // Its handler begins at once; what went wrong stays to be seen.
      Object.assign(clear(document, event.data.step), { status: 'running', startedAt: time, error: event.data.error });
      return;
    case 'GateStarted':
      clear(document, event.data.inner);
      return;
    case 'CompensationStarted':
      for (const id of event.data.steps) clear(document, id);
      return;
    case 'RunRepaired':
      return repaired(document, event.data, time);
    default:
  }
}

function repaired(document: HasSteps, { steps, outputs }: Extract<RunEvent, { type: 'RunRepaired' }>['data'], time: string): void {
  // What the end of the run had broken off goes on, unless it is done anew.
  for (const step of Object.values(document.steps))
    if (step.status === 'cancelled') Object.assign(step, { status: 'running', endedAt: null });
  for (const id of steps) clear(document, id);
  for (const id of Object.keys(outputs)) Object.assign(clear(document, id), { status: 'succeeded', endedAt: time });
}

/** As if nothing had happened, but for how often it was tried. */
function clear(document: HasSteps, id: string): StepDocument {
  const { attempts, children } = stepOf(document, id);
  const step = { ...emptyStep(), attempts, ...(children === undefined ? {} : { children }) };
  document.steps[id] = step;
  return step;
}

interface HasSteps {
  readonly steps: StepDocuments;
}

function begun(document: HasSteps, event: BeginEvent, time: string): void {
  const { step: id, task, index } = event.data;
  const step = stepOf(document, id);
  step.status = 'running';
  step.startedAt ??= time;
  step.attempts++;
  if (index === null) step.tasks = 1;
  step.awaited = { ...awaitedBy(event), task };
  if (event.type === 'ChildRunStarted') {
    const { runId, workflow, block = null, detached } = event.data;
    step.children = [...(step.children ?? []), { runId, task, workflow, block, detached }].slice(-MAX_CHILDREN);
  }
}

function waitsNoMore(step: StepDocument, task: string): void {
  if (step.awaited?.task === task) step.awaited = null;
}

function assigned(step: StepDocument, agent: string): void {
  step.agent = agent;
  step.attempts++;
}

function stepOf(document: HasSteps, id: string): StepDocument {
  // A step may be called "constructor".
  return Object.hasOwn(document.steps, id) ? (document.steps[id] as StepDocument) : (document.steps[id] = emptyStep());
}

function emptyStep(): StepDocument {
  return {
    status: 'pending',
    agent: '',
    attempts: 0,
    tasks: 0,
    tasksSucceeded: 0,
    tasksFailed: 0,
    gates: [],
    startedAt: null,
    endedAt: null,
    error: null,
    skipReason: '',
    awaited: null,
    repetitions: 0,
  };
}

/** The step in a task's id: what stands before `[` or `~`. */
export function stepOfTask(task: string): string {
  return /^[^[~]+/.exec(task)?.[0] ?? task;
}
