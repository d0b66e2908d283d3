import type { RunEvent } from '@tutti/contracts';
import { assertNever } from '@tutti/kernel';
import type { ValueStore } from '@tutti/service-kit';
import { describeProblems } from '../definition/json-schema.js';
import { findStep } from '../definition/plan.js';
import type { ChildOutcome } from '../run/run.commands.js';
import type { Subject } from './run-evaluator.js';

export type RunEnd = Extract<RunEvent, { readonly type: 'RunSucceeded' | 'RunFailed' | 'RunCancelled' }>;

/** What the end of a child run is for the task that waits for it: its outputs are held against the step's schema. */
export async function outcomeOfChild(values: ValueStore, parent: Subject, task: string, runId: string, end: RunEnd): Promise<ChildOutcome> {
  switch (end.type) {
    case 'RunSucceeded': {
      const { outputs } = end.data;
      const schema = findStep(parent.plan, parent.state.tasks.get(task)?.step ?? '')?.output ?? null;
      const problems = schema === null ? [] : schema.check(values.peek(outputs) ?? (await values.load(outputs)));
      if (problems.length === 0) return { outcome: 'succeeded', output: outputs };
      const message = `the outputs of child run ${runId} do not match the step's schema: ${describeProblems(problems)}`;
      const details = { runId, problems: problems.map((problem) => ({ ...problem })) };
      return { outcome: 'failed', error: { code: 'OUTPUT_INVALID', message, details }, retryable: true };
    }
    case 'RunFailed': {
      const { code, message } = end.data.error;
      return { outcome: 'failed', error: { code, message: `child run ${runId} failed: ${message}`, details: { runId } }, retryable: true };
    }
    case 'RunCancelled': {
      const { cancelledBy, reason } = end.data;
      const message = `child run ${runId} was cancelled by ${cancelledBy}${reason === '' ? '' : `: ${reason}`}`;
      // Somebody wanted it to end: it is not done once more.
      return { outcome: 'failed', error: { code: 'CANCELLED', message, details: { runId } }, retryable: false };
    }
    default:
      return assertNever(end, 'end of a run');
  }
}
