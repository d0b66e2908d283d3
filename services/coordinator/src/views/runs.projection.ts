import { upcast, type Failure, type RunEvent, type StoredValue } from '@tutti/contracts';
import type { JsonObject, RecordedEvent } from '@tutti/kernel';
import type { Projection } from '@tutti/read-models';
import type { RunParent } from '../run/run.state.js';
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

interface PauseDocument {
  readonly by: string;
  readonly reason: string;
  readonly at: string;
}

export interface RunDocument {
  readonly runId: string;
  /** When it started; null for a child run, which lists of runs leave out. */
  readonly listedAt: string | null;
  readonly parent: RunParent | null;
  /** Group of the definition, and the document of a dynamic plan, that it runs; null for a whole registered workflow. */
  readonly block: string | null;
  readonly definition: StoredValue | null;
  readonly definitionHash: string;
  readonly workflow: string;
  workflowVersion: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly startedBy: string;
  readonly startedAt: string;
  status: 'running' | 'paused' | 'succeeded' | 'failed' | 'cancelled';
  /** Who holds it, while it is paused. */
  pause: PauseDocument | null;
  endedAt: string | null;
  error: (Failure & { readonly step: string }) | null;
  outputs: StoredValue | null;
  /** Only steps that something has happened to. */
  readonly steps: Record<string, StepDocument>;
}

/** A run and its steps, as the API shows them. Tasks of a fan-out are only counted here. */
export const runsProjection: Projection<RunDocument & JsonObject> = {
  name: 'runs',
  version: 4,
  indexes: [['listedAt'], ['workflow', 'listedAt'], ['status', 'listedAt'], ['workflow', 'status', 'listedAt']],
  handles: { categories: ['run'] },
  keys: (event) => [event.metadata.correlationId],
  evolve: (document, recorded) => evolve(document, recorded) as (RunDocument & JsonObject) | null,
};

function evolve(document: RunDocument | null, recorded: RecordedEvent): RunDocument | null {
  const event = upcast(recorded) as unknown as RunEvent;
  if (event.type === 'RunStarted') {
    const { runId, workflow, workflowVersion, labels, startedBy, definitionHash } = event.data;
    const { parent = null, block = null, definition = null } = event.data;
    return {
      ...{ listedAt: parent === null ? recorded.time : null, parent, block, definition, definitionHash },
      ...{ runId, workflow, workflowVersion, labels, startedBy, startedAt: recorded.time },
      ...{ status: 'running', pause: null, endedAt: null, error: null, outputs: null, steps: {} },
    };
  }
  if (document === null) return null;
  if (event.type === 'RunPaused') {
    const { pausedBy: by, reason } = event.data;
    return Object.assign(document, { status: 'paused', pause: { by, reason, at: recorded.time } });
  }
  if (event.type === 'RunResumed') return Object.assign(document, { status: 'running', pause: null });
  if (event.type === 'RunMigrated') return migrated(document, event.data);
  if (event.type === 'RunSucceeded')
    return Object.assign(document, { status: 'succeeded', endedAt: recorded.time, outputs: event.data.outputs });
  if (event.type === 'RunFailed')
    return Object.assign(document, {
      status: 'failed',
      endedAt: recorded.time,
      error: { ...event.data.error, step: event.data.step ?? '' },
    });
  if (event.type === 'RunCancelled') return cancelled(document, recorded.time);
  evolveSteps(document, event, recorded.time);
  return document;
}

function migrated(
  document: RunDocument,
  { toVersion, mapping = {}, dropped }: Extract<RunEvent, { type: 'RunMigrated' }>['data'],
): RunDocument {
  document.workflowVersion = toVersion;
  const entries = Object.entries(document.steps).filter(([id]) => !dropped.includes(id));
  const steps = Object.fromEntries(entries.map(([id, step]) => [Object.hasOwn(mapping, id) ? (mapping[id] ?? id) : id, step]));
  return Object.assign(document, { steps });
}

function evolveSteps(document: RunDocument, event: RunEvent, time: string): void {
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
      for (const id of event.data.steps) {
        const { attempts } = stepOf(document, id);
        document.steps[id] = { ...emptyStep(), attempts };
      }
      return;
    default:
  }
}

function cancelled(document: RunDocument, time: string): RunDocument {
  for (const step of Object.values(document.steps)) {
    if (step.endedAt === null) Object.assign(step, { status: 'cancelled', endedAt: time });
  }
  return Object.assign(document, { status: 'cancelled', pause: null, endedAt: time });
}

function begun(document: RunDocument, event: BeginEvent, time: string): void {
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

function stepOf(document: RunDocument, id: string): StepDocument {
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
