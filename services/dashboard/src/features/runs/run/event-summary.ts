import type { EventView } from '@tutti/rest-contract';

type Data = Readonly<Record<string, unknown>>;

/** In a few words, what the event says beside its type. */
export function eventSummary({ type, data }: Pick<EventView, 'type' | 'data'>): string {
  return joined(subject(data), SUMMARIES[type]?.(data) ?? '');
}

/** Whether the text is in what the log shows of the event, or anywhere in its data. */
export function matchesEvent(event: EventView, wanted: string): boolean {
  const text = wanted.trim().toLowerCase();
  if (text === '') return true;
  return `${event.type} ${event.metadata.actor} ${JSON.stringify(event.data)}`.toLowerCase().includes(text);
}

const SUMMARIES: Readonly<Record<string, (data: Data) => string>> = {
  RunStarted: (data) => `${text(data['workflow'])} v${String(data['workflowVersion'])} by ${text(data['startedBy'])}`,
  StepSkipped: (data) => text(data['message']),
  FanOutStarted: (data) => `over ${String(data['count'])} items, ${String(data['concurrency'])} at once`,
  TaskScheduled: (data) => assigned(data) ?? `waits for an agent with ${text(data['capability'])}`,
  TaskAssigned: (data) => assigned(data) ?? '',
  TimerStarted: (data) => `until ${text(data['wakeAt'])}`,
  SignalAwaited: (data) => `waits for the signal ${text(data['signal'])}`,
  EventAwaited: (data) => `waits for an event ${text(data['eventType'])}`,
  ChildRunStarted: (data) => `${text(data['workflow'])} as ${text(data['runId'])}`,
  SignalReceived: (data) => `${text(data['name'])} from ${text(data['sentBy'])}`,
  TaskSucceeded: (data) => `in ${String(Math.round(Number(data['durationMs'])))} ms`,
  TaskAttemptFailed: (data) => failureText(data),
  TaskCancelled: (data) => text(data['reason']),
  GateEvaluated: (data) =>
    `${text(data['gate'])} ${data['passed'] === true ? 'passed' : `failed: ${text(data['message'])}; ${text(data['action'])}`}`,
  ApprovalRequested: (data) => text(data['title']),
  ApprovalDecided: (data) => `${data['approved'] === true ? 'approved' : 'rejected'} by ${text(data['decidedBy'])}${after(data['reason'])}`,
  ApprovalVoided: (data) => text(data['reason']),
  ApprovalVoted: (data) => `approved by ${text(data['votedBy'])}${after(data['reason'])}`,
  ApprovalDelegated: (data) => `${text(data['from'])} to ${text(data['to'])}${after(data['reason'])}`,
  StepCaught: (data) => text(data['code']),
  StepFailed: (data) => failureText(data),
  RunFailed: (data) => failureText(data),
  RunPaused: (data) => `by ${text(data['pausedBy'])}${after(data['reason'])}`,
  RunResumed: (data) => `by ${text(data['resumedBy'])}${after(data['reason'])}`,
  RunCancelled: (data) => `by ${text(data['cancelledBy'])}${after(data['reason'])}`,
  RunRepaired: (data) => `by ${text(data['repairedBy'])}${after(data['reason'])}`,
  VariablesSet: (data) => Object.keys((data['values'] as object | undefined) ?? {}).join(', '),
};

function subject(data: Data): string {
  const task = text(data['task']);
  const attempt = Number(data['attempt']);
  if (task !== '') return attempt > 1 ? `${task}, attempt ${attempt}` : task;
  return text(data['step']);
}

function assigned(data: Data): string | undefined {
  const assignment = data['assignment'] as { readonly agent?: string } | null | undefined;
  return assignment?.agent === undefined ? undefined : `goes to ${assignment.agent}`;
}

function failureText(data: Data): string {
  const { message = '', code = '' } = (data['error'] as { readonly message?: string; readonly code?: string } | undefined) ?? {};
  return code === '' ? message : `${message} (${code})`;
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(': ');
}

function after(reason: unknown): string {
  return text(reason) === '' ? '' : `: ${text(reason)}`;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
