import type { RecordedEvent } from '@tutti/kernel';

export interface PendingApproval {
  readonly approvalId: string;
  readonly runId: string;
  readonly step: string;
  readonly gate: string;
}

interface Story {
  ended: 'succeeded' | 'failed' | 'cancelled' | null;
  readonly endedSteps: Set<string>;
  readonly approvals: Map<string, PendingApproval>;
}

const ENDINGS: Readonly<Record<string, Story['ended']>> = { RunSucceeded: 'succeeded', RunFailed: 'failed', RunCancelled: 'cancelled' };
const STEP_ENDINGS: ReadonlySet<string> = new Set(['StepSucceeded', 'StepFailed', 'StepSkipped', 'StepCancelled']);
const APPROVAL_ENDINGS: ReadonlySet<string> = new Set(['ApprovalDecided', 'ApprovalVoided', 'ApprovalExpired']);

/** What runs have come to, from the events as they are recorded: what a test waits for. */
export class RunStories {
  private readonly stories = new Map<string, Story>();

  take(events: readonly RecordedEvent[]): void {
    for (const event of events) if (event.stream.startsWith('run-')) this.takeOne(event.stream.slice('run-'.length), event);
  }

  ended(runId: string): boolean {
    return this.stories.get(runId)?.ended != null;
  }

  /** The step of the run, or of one below it. */
  stepEnded(runId: string, step: string): boolean {
    return this.below(runId).some(([, { endedSteps }]) => endedSteps.has(step));
  }

  /** What waits for a person, in the run and below it, oldest first. */
  approvals(runId: string): readonly PendingApproval[] {
    return this.below(runId).flatMap(([, { approvals }]) => [...approvals.values()]);
  }

  /** The run and those that it began, theirs too. */
  family(runId: string): readonly string[] {
    return this.below(runId).map(([id]) => id);
  }

  private below(runId: string): readonly (readonly [string, Story])[] {
    return [...this.stories].filter(([id]) => id === runId || id.startsWith(`${runId}~`));
  }

  private takeOne(runId: string, { type, data }: RecordedEvent): void {
    let story = this.stories.get(runId);
    if (story === undefined) this.stories.set(runId, (story = { ended: null, endedSteps: new Set(), approvals: new Map() }));
    const { step, steps, gate, approvalId } = data as Record<string, unknown>;
    const ending = ENDINGS[type];
    if (ending !== undefined) story.ended = ending;
    if (STEP_ENDINGS.has(type)) story.endedSteps.add(String(step));
    if (type === 'StepsReset' && Array.isArray(steps)) for (const reset of steps) story.endedSteps.delete(String(reset));
    // A run that was put right goes on.
    if (type === 'RunRepaired') story.ended = null;
    if (type === 'ApprovalRequested') {
      const id = String(approvalId);
      story.approvals.set(id, { approvalId: id, runId, step: String(step), gate: String(gate) });
    }
    if (APPROVAL_ENDINGS.has(type)) story.approvals.delete(String(approvalId));
  }
}
