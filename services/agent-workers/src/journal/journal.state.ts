import type { StoredValue, TaskEvent } from '@tutti/contracts';
import { assertNever } from '@tutti/kernel';

type Data<Type extends TaskEvent['type']> = Extract<TaskEvent, { readonly type: Type }>['data'];

export type SideEffect = Data<'TaskStepStarted'>['sideEffect'];

/** One step as the newest attempt that came to it left it. */
export interface RecordedStep {
  readonly sideEffect: SideEffect;
  readonly inputHash: string | null;
  /** The one that recorded it last. */
  readonly attempt: number;
  readonly outcome:
    | { readonly type: 'TaskStepStarted' }
    | { readonly type: 'TaskStepFailed'; readonly noEffect: boolean; readonly message: string }
    | { readonly type: 'TaskStepSucceeded'; readonly value: StoredValue };
}

/** What one task has done. Changed in place by `evolve`. */
export interface JournalState {
  /** The newest attempt that opened the journal, the only one that may write; 0 before the first. */
  attempt: number;
  /** By {@link stepKey}; without what the newest opening forgot. */
  readonly steps: Map<string, RecordedStep>;
  /** Events in the stream. */
  events: number;
  /** Steps ever recorded, each attempt's counted, forgotten ones too: what the limit on steps is held against. */
  recorded: number;
  /** Data of all events as JSON in UTF-8. */
  bytes: number;
}

export function initialJournalState(): JournalState {
  return { attempt: 0, steps: new Map(), events: 0, recorded: 0, bytes: 0 };
}

export function stepKey({ name, occurrence }: { readonly name: string; readonly occurrence: number }): string {
  return `${name}#${occurrence}`;
}

/** Total: what does not fit is passed over, never thrown. */
export function evolveJournal(state: JournalState, event: TaskEvent): JournalState {
  state.events++;
  state.bytes += sizeOf(event);
  switch (event.type) {
    case 'TaskJournalOpened':
      return opened(state, event.data);
    case 'TaskStepStarted':
      return recorded(state, event.data, event.data.inputHash, { type: event.type });
    case 'TaskStepSucceeded':
      return recorded(state, event.data, event.data.inputHash, { type: event.type, value: event.data.value });
    case 'TaskStepFailed': {
      const { noEffect, error } = event.data;
      const inputHash = state.steps.get(stepKey(event.data))?.inputHash ?? null;
      return recorded(state, event.data, inputHash, { type: event.type, noEffect, message: error.message });
    }
    default:
      return assertNever(event, 'task event');
  }
}

/** Bytes that an event takes of its journal's limit. */
export function sizeOf(event: TaskEvent): number {
  return Buffer.byteLength(JSON.stringify(event.data));
}

function opened(state: JournalState, { attempt, keptFrom }: Data<'TaskJournalOpened'>): JournalState {
  state.attempt = attempt;
  for (const [key, step] of state.steps) {
    // What cannot be undone stays done, whatever else is done anew.
    if (step.attempt < keptFrom && step.sideEffect !== 'irreversible') state.steps.delete(key);
  }
  return state;
}

function recorded(
  state: JournalState,
  step: Data<'TaskStepStarted' | 'TaskStepSucceeded' | 'TaskStepFailed'>,
  inputHash: string | null,
  outcome: RecordedStep['outcome'],
): JournalState {
  const key = stepKey(step);
  const { sideEffect, attempt } = step;
  if (state.steps.get(key)?.attempt !== attempt) state.recorded++;
  state.steps.set(key, { sideEffect, inputHash, attempt, outcome });
  return state;
}
