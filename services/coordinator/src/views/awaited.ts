import type { AwaitedView, RunEvent } from '@tutti/contracts';
import { assertNever } from '@tutti/kernel';

/** What begins work that no agent does. */
export type BeginEvent = Extract<RunEvent, { readonly type: 'TimerStarted' | 'SignalAwaited' | 'EventAwaited' | 'ChildRunStarted' }>;

/** What a task that no agent does waits for. */
export interface AwaitedDocument {
  readonly kind: 'timer' | 'signal' | 'event' | 'child';
  /** The signal's name, the event's type, the child run's id; empty for a timer. */
  readonly what: string;
  readonly until: string | null;
}

export function isBegin(event: RunEvent): event is BeginEvent {
  return (
    event.type === 'TimerStarted' || event.type === 'SignalAwaited' || event.type === 'EventAwaited' || event.type === 'ChildRunStarted'
  );
}

export function awaitedBy(event: BeginEvent): AwaitedDocument {
  switch (event.type) {
    case 'TimerStarted':
      return { kind: 'timer', what: '', until: event.data.wakeAt };
    case 'SignalAwaited':
      return { kind: 'signal', what: event.data.signal, until: event.data.deadlineAt };
    case 'EventAwaited':
      return { kind: 'event', what: event.data.eventType, until: event.data.deadlineAt };
    case 'ChildRunStarted':
      return { kind: 'child', what: event.data.runId, until: event.data.deadlineAt };
    default:
      return assertNever(event, 'event that begins work');
  }
}

export function awaitedMessage(document: AwaitedDocument | null | undefined): AwaitedView | undefined {
  if (document === null || document === undefined) return undefined;
  const { kind, what, until } = document;
  return { kind, what, until: until ?? undefined };
}
