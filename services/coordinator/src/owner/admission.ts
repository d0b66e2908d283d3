import { TuttiError } from '@tutti/kernel';
import type { RunCommand } from '../run/run.commands.js';

/** What an owner takes on. Nothing that it keeps in memory grows beyond these for what is asked from outside. */
export interface OwnerLimits {
  readonly maxOpenRuns: number;
  /** Tasks that wait for an agent, over all runs; no further run is started beyond it. Those that are open go on. */
  readonly maxWaitingTasks: number;
  /** Commands to one run that wait for its turn. */
  readonly maxQueuedCommands: number;
}

/** The owner's own, each about one of the run's tasks, which bound them. */
const OWN: ReadonlySet<RunCommand['type']> = new Set(['AssignTask', 'LoseAttempt', 'EndSilentAttempt', 'RecordChildEnd', 'Tick']);

/** @throws TuttiError OVERLOADED */
export function refuseStart(openRuns: number, waitingTasks: number, { maxOpenRuns, maxWaitingTasks }: OwnerLimits): void {
  if (openRuns >= maxOpenRuns) throw new TuttiError('OVERLOADED', `${openRuns} runs are open; at most ${maxOpenRuns} are taken`);
  if (waitingTasks >= maxWaitingTasks)
    throw new TuttiError('OVERLOADED', `${waitingTasks} tasks wait for an agent; from ${maxWaitingTasks} on no run is started`);
}

/** @throws TuttiError OVERLOADED */
export function refuseCommand(runId: string, command: RunCommand, queued: number, { maxQueuedCommands }: OwnerLimits): void {
  if (queued < maxQueuedCommands || OWN.has(command.type)) return;
  throw new TuttiError('OVERLOADED', `${queued} commands wait for run ${runId}; at most ${maxQueuedCommands} are taken`);
}
