import type { EventView } from '@tutti/rest-contract';

/** `{inline}` or `{blob, bytes}`, as events hold values. */
export type Stored = unknown;

export interface Attempt {
  readonly task: string;
  readonly step: string;
  readonly attempt: number;
  /** `agent`, or what the step waits for when none does the work: `timer`, `signal`, `event`, `child run`, `approval`. */
  readonly kind: string;
  readonly scheduledAt: string;
  readonly agent: string;
  readonly worker: string;
  /** Undefined while no agent has it. */
  readonly startedAt: string | undefined;
  readonly endedAt: string | undefined;
  readonly status: 'waiting' | 'running' | 'asked' | 'succeeded' | 'failed' | 'cancelled';
  readonly input: Stored;
  readonly output: Stored;
  /** Why it failed or was cancelled; empty otherwise. */
  readonly message: string;
  readonly retryAt: string | undefined;
}

export interface GateVerdict {
  readonly gate: string;
  readonly type: string;
  readonly passed: boolean;
  readonly message: string;
  readonly action: string;
  readonly evidence: unknown;
  readonly at: string;
}

export interface StepStory {
  readonly attempts: readonly Attempt[];
  readonly gates: readonly GateVerdict[];
  /** What the step's fan-out joined to; undefined without one. */
  readonly joined: Stored;
}

export interface RunStory {
  readonly inputs: Stored;
  readonly outputs: Stored;
  readonly steps: ReadonlyMap<string, StepStory>;
  /** Of all steps, in the order in which they were scheduled. */
  readonly attempts: readonly Attempt[];
  /** As far as they were set while it ran. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** What people were asked, as a span of time like an attempt. */
  readonly asked: readonly Attempt[];
}

interface Draft {
  inputs: Stored;
  outputs: Stored;
  readonly variables: Record<string, unknown>;
  readonly attempts: Map<string, Attempt>;
  readonly gates: Map<string, GateVerdict[]>;
  readonly joined: Map<string, Stored>;
  /** By the id of the approval. */
  readonly asked: Map<string, Attempt>;
}

type Data = Readonly<Record<string, unknown>>;
type Fold = (draft: Draft, data: Data, event: EventView) => void;

const EMPTY: StepStory = { attempts: [], gates: [], joined: undefined };

/** What a run's events tell of its steps: the only place where the page makes numbers of its own, and each is of events. */
export function storyOf(events: readonly EventView[]): RunStory {
  const draft: Draft = {
    ...{ inputs: undefined, outputs: undefined, variables: {} },
    ...{ attempts: new Map(), gates: new Map(), joined: new Map(), asked: new Map() },
  };
  for (const event of events) FOLDS[event.type]?.(draft, event.data, event);
  const attempts = [...draft.attempts.values()];
  const byStep = Map.groupBy(attempts, ({ step }) => step);
  const steps = new Map([...byStep].map(([step, ofStep]): [string, StepStory] => [step, { ...EMPTY, attempts: ofStep }]));
  for (const [step, gates] of draft.gates) steps.set(step, { ...(steps.get(step) ?? EMPTY), gates });
  for (const [step, joined] of draft.joined) steps.set(step, { ...(steps.get(step) ?? EMPTY), joined });
  const { inputs, outputs, variables } = draft;
  return { inputs, outputs, variables, steps, attempts, asked: [...draft.asked.values()] };
}

export function stepStory(story: RunStory, step: string): StepStory {
  return story.steps.get(step) ?? EMPTY;
}

/** The value that the step ended with: that of its fan-out, or of its newest task that succeeded. */
export function outputOf({ attempts, joined }: StepStory): Stored {
  return joined ?? attempts.findLast(({ status }) => status === 'succeeded')?.output;
}

const FOLDS: Readonly<Record<string, Fold>> = {
  RunStarted: (draft, data) => {
    draft.inputs = data['inputs'];
  },
  RunSucceeded: (draft, data) => {
    draft.outputs = data['outputs'];
  },
  TaskScheduled: (draft, data, event) => {
    begin(draft, data, event, 'agent', data['input']);
    if (data['assignment'] !== null) assign(draft, data, event);
  },
  TaskAssigned: assign,
  TimerStarted: (draft, data, event) => begin(draft, data, event, 'timer', { inline: { wakeAt: data['wakeAt'] } }),
  SignalAwaited: (draft, data, event) => begin(draft, data, event, 'signal', { inline: { signal: data['signal'] } }),
  EventAwaited: (draft, data, event) => begin(draft, data, event, 'event', { inline: { type: data['eventType'] } }),
  ChildRunStarted: (draft, data, event) => begin(draft, data, event, 'child run', data['inputs']),
  TaskSucceeded: (draft, data, event) => end(draft, data, event, { status: 'succeeded', output: data['output'] }),
  TaskAttemptFailed: (draft, data, event) => {
    const error = data['error'] as { readonly code?: string; readonly message?: string };
    const message = `${error.message ?? ''} (${error.code ?? text(data['cause'])})`;
    const retryAt = typeof data['retryAt'] === 'string' ? data['retryAt'] : undefined;
    end(draft, data, event, { status: 'failed', message, retryAt });
  },
  TaskCancelled: (draft, data, event) => end(draft, data, event, { status: 'cancelled', message: text(data['reason']) }),
  FanOutJoined: (draft, data) => void draft.joined.set(text(data['step']), data['output']),
  GateEvaluated: (draft, data, event) => {
    const step = text(data['step']);
    const verdict: GateVerdict = {
      ...{ gate: text(data['gate']), type: text(data['gateType']), passed: data['passed'] === true, message: text(data['message']) },
      ...{ action: text(data['action']), evidence: data['evidence'] ?? null, at: event.time },
    };
    draft.gates.set(step, [...(draft.gates.get(step) ?? []), verdict]);
  },
  VariablesSet: (draft, data) => {
    const values = (data['values'] ?? {}) as Readonly<Record<string, { readonly inline?: unknown }>>;
    for (const [name, value] of Object.entries(values)) draft.variables[name] = 'inline' in value ? value.inline : value;
  },
  ApprovalRequested: (draft, data, event) => {
    const [step, gate] = [text(data['step']), text(data['gate'])];
    draft.asked.set(text(data['approvalId']), {
      ...{ task: `${step}: ${gate === '' ? 'approval' : gate}`, step, attempt: 1, kind: 'approval', agent: '', worker: '' },
      ...{ scheduledAt: event.time, startedAt: event.time, endedAt: undefined, status: 'asked' },
      ...{ input: data['payload'], output: undefined, message: text(data['title']), retryAt: undefined },
    });
  },
  ApprovalDecided: (draft, data, event) => answered(draft, data, event, data['approved'] === true ? 'succeeded' : 'failed'),
  ApprovalExpired: (draft, data, event) => answered(draft, data, event, 'failed'),
  ApprovalVoided: (draft, data, event) => answered(draft, data, event, 'cancelled'),
};

function answered(draft: Draft, data: Data, event: EventView, status: Attempt['status']): void {
  const id = text(data['approvalId']);
  const found = draft.asked.get(id);
  if (found === undefined) return;
  draft.asked.set(id, { ...found, status, agent: text(data['decidedBy']), message: text(data['reason']), endedAt: event.time });
}

function begin(draft: Draft, data: Data, event: EventView, kind: string, input: Stored): void {
  const [task, attempt] = [text(data['task']), Number(data['attempt'])];
  const isAgents = kind === 'agent';
  draft.attempts.set(keyOf(task, attempt), {
    ...{ task, attempt, kind, step: text(data['step']), scheduledAt: event.time, agent: '', worker: '' },
    ...{ startedAt: isAgents ? undefined : event.time, endedAt: undefined, status: isAgents ? 'waiting' : 'running' },
    ...{ input, output: undefined, message: '', retryAt: undefined },
  });
}

function assign(draft: Draft, data: Data, event: EventView): void {
  const key = keyOf(text(data['task']), Number(data['attempt']));
  const found = draft.attempts.get(key);
  const assignment = data['assignment'] as { readonly agent?: string; readonly worker?: string } | null;
  if (found === undefined || assignment === null) return;
  const { agent = '', worker = '' } = assignment;
  draft.attempts.set(key, { ...found, agent, worker, startedAt: event.time, status: 'running' });
}

function end(draft: Draft, data: Data, event: EventView, how: Partial<Attempt> & Pick<Attempt, 'status'>): void {
  const key = keyOf(text(data['task']), Number(data['attempt']));
  const found = draft.attempts.get(key);
  if (found !== undefined) draft.attempts.set(key, { ...found, ...how, endedAt: event.time });
}

function keyOf(task: string, attempt: number): string {
  return `${task}#${attempt}`;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
