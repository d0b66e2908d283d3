import type { CancelRunRequest } from '@tutti/contracts';
import type { Plan } from '../definition/plan.js';
import { notOwner } from '../ownership/ownership.js';
import type { ForeignRuns } from './foreign-runs.js';
import type { Decided, HotRun } from './hot-run.js';
import type { RunInstruction, Sender } from './run-instruction.js';
import type { RunOwner } from './run-owner.js';

/** Calls to whichever coordinator answers for a run. */
export interface RunsElsewhere {
  cancelRun(request: CancelRunRequest): Promise<unknown>;
}

/** Where there is one coordinator. */
export const NO_RUNS_ELSEWHERE: RunsElsewhere = { cancelRun: ({ runId }) => Promise.reject(notOwner(runId)) };

interface AnyRunsParts {
  readonly owner: Pick<RunOwner, 'owns' | 'peek' | 'start' | 'send'>;
  readonly foreign: ForeignRuns;
  readonly elsewhere: RunsElsewhere;
}

/** What schedules and triggers start, look at and cancel, whichever coordinator answers for it. */
export class AnyRuns {
  constructor(private readonly parts: AnyRunsParts) {}

  peek(runId: string): Promise<Readonly<Pick<HotRun, 'state' | 'plan' | 'position' | 'trace'>>> {
    const { owner, foreign } = this.parts;
    return owner.owns(runId) ? owner.peek(runId) : foreign.peek(runId);
  }

  start(plan: Plan, command: Extract<RunInstruction, { type: 'StartRun' }>, sender: Sender): Promise<Decided> {
    const { owner, foreign } = this.parts;
    return owner.owns(command.runId) ? owner.start(plan, command, sender) : foreign.start(plan, command, sender);
  }

  /** A cancellation has to be heard by what the run has out, so its owner does it. */
  async cancel(runId: string, actor: string, reason: string): Promise<void> {
    const { owner, elsewhere } = this.parts;
    if (owner.owns(runId)) await owner.send(runId, { type: 'CancelRun', actor, reason }, { actor });
    else await elsewhere.cancelRun({ runId, actor, reason, force: false });
  }
}
