import type { TaskEvent } from '@tutti/contracts';
import { assertNever, TuttiError, type Decider } from '@tutti/kernel';
import { evolveJournal, initialJournalState, sizeOf, stepKey, type JournalState } from './journal.state.js';

/** Whose journal it is, and which attempt writes. */
export interface JournalOwner {
  readonly runId: string;
  readonly task: string;
  readonly attempt: number;
  /** The first attempt whose steps count for this one. */
  readonly keptFrom: number;
  readonly agent: string;
}

export interface JournalLimits {
  readonly maxSteps: number;
  readonly maxBytes: number;
}

export type StepEntry = Exclude<TaskEvent, { readonly type: 'TaskJournalOpened' }>;

export type JournalCommand =
  /** Keeps earlier attempts out from here on. */
  | { readonly type: 'Open'; readonly owner: JournalOwner }
  | { readonly type: 'Record'; readonly owner: JournalOwner; readonly entry: StepEntry; readonly limits: JournalLimits };

/** The journal of one task: the one place that says who may write to it, and what. */
export const journalDecider: Decider<JournalCommand, JournalState, TaskEvent> = {
  initialState: initialJournalState,
  evolve: evolveJournal,
  decide(command, state) {
    refuseSuperseded(command.owner, state);
    switch (command.type) {
      case 'Open':
        // Nobody came before a task's first attempt; it opens the journal together with its first step.
        return state.events === 0 && command.owner.attempt === 1 ? [] : opening(command.owner, state);
      case 'Record':
        return record(command, state);
      default:
        return assertNever(command, 'journal command');
    }
  },
};

/** @throws TuttiError PAYLOAD_TOO_LARGE when a journal takes no such number of steps */
export function refuseFull(owner: JournalOwner, steps: number, { maxSteps }: JournalLimits): void {
  if (steps <= maxSteps) return;
  throw new TuttiError(
    'PAYLOAD_TOO_LARGE',
    `the journal of task ${owner.task} of run ${owner.runId} would have ${steps} steps; at most ${maxSteps} are taken (workers.maxJournalSteps)`,
  );
}

function refuseSuperseded({ runId, task, attempt }: JournalOwner, state: JournalState): void {
  if (state.attempt <= attempt) return;
  throw new TuttiError(
    'CANCELLED',
    `attempt ${attempt} of task ${task} of run ${runId} is superseded: attempt ${state.attempt} has opened its journal`,
  );
}

function opening({ runId, task, attempt, keptFrom, agent }: JournalOwner, state: JournalState): readonly TaskEvent[] {
  return state.attempt === attempt ? [] : [{ type: 'TaskJournalOpened', data: { runId, task, attempt, keptFrom, agent } }];
}

function record({ owner, entry, limits }: Extract<JournalCommand, { type: 'Record' }>, state: JournalState): readonly TaskEvent[] {
  const found = state.steps.get(stepKey(entry.data));
  const own = found?.attempt === owner.attempt ? found : undefined;
  if (own?.outcome.type === entry.type) return [];
  if (found?.outcome.type === 'TaskStepSucceeded') {
    throw new TuttiError(
      'STEP_MISMATCH',
      `step "${entry.data.name}" (${entry.data.occurrence}) of task ${owner.task} of run ${owner.runId} is already recorded by attempt ${found.attempt}`,
    );
  }
  const events = [...opening(owner, state), entry];
  // What was let in may also end: refusing the outcome would leave nobody knowing it.
  if (own?.outcome.type !== 'TaskStepStarted') refuseTooMuch(owner, state, events, limits);
  return events;
}

function refuseTooMuch(owner: JournalOwner, state: JournalState, events: readonly TaskEvent[], limits: JournalLimits): void {
  refuseFull(owner, state.recorded + 1, limits);
  const bytes = state.bytes + events.reduce((sum, event) => sum + sizeOf(event), 0);
  if (bytes <= limits.maxBytes) return;
  throw new TuttiError(
    'PAYLOAD_TOO_LARGE',
    `the journal of task ${owner.task} of run ${owner.runId} would have ${bytes} bytes; at most ${limits.maxBytes} are taken (workers.maxJournalBytes)`,
  );
}
