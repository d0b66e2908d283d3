import type { RunEvent } from '@tutti/contracts';
import { newStep, type Awaited, type RunViewState, type StepState } from './run-view.state.js';

/** What begins work that no agent does. */
export type BeginEvent = Extract<RunEvent, { readonly type: 'TimerStarted' | 'SignalAwaited' | 'EventAwaited' | 'ChildRunStarted' }>;

export function isBegin(event: RunEvent): event is BeginEvent {
  return (
    event.type === 'TimerStarted' || event.type === 'SignalAwaited' || event.type === 'EventAwaited' || event.type === 'ChildRunStarted'
  );
}

export function awaitedBy(event: BeginEvent): Awaited {
  const { task } = event.data;
  if (event.type === 'TimerStarted') return { task, kind: 'timer', what: '', untilMs: Date.parse(event.data.wakeAt) };
  const untilMs = event.data.deadlineAt === null ? null : Date.parse(event.data.deadlineAt);
  if (event.type === 'SignalAwaited') return { task, kind: 'signal', what: event.data.signal, untilMs };
  if (event.type === 'EventAwaited') return { task, kind: 'event', what: event.data.eventType, untilMs };
  return { task, kind: 'run', what: `${event.data.workflow} ${event.data.runId}`, untilMs };
}

/** The step starts anew, as it has not reached what it repeats for. */
export function repeated(step: StepState, { iteration, resumeAt }: Extract<RunEvent, { type: 'RepetitionDecided' }>['data']): StepState {
  return {
    ...newStep(step),
    resets: step.resets,
    repeats: iteration,
    startedAtMs: step.startedAtMs,
    status: resumeAt === null ? 'running' : 'waiting',
    retryAtMs: resumeAt === null ? null : Date.parse(resumeAt),
  };
}

export function waitsNoMore(state: RunViewState, task: string): void {
  const step = state.steps.get(state.tasks.get(task)?.step ?? '');
  if (step?.awaited?.task === task) step.awaited = null;
}
