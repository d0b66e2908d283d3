import type { RunEvent } from '@tutti/contracts';
import { isoTime, type JsonValue } from '@tutti/kernel';
import { personAsked, type ApprovalRules, type GatePlan, type Plan } from '../definition/plan.js';
import { callBack } from './run.call-back.js';
import { failStep } from './run.ending.js';
import type { RunState, StepState } from './run.state.js';
import { hasBegun, stepState } from './run.step-state.js';

export interface Verdict {
  readonly passed: boolean;
  readonly message: string;
  readonly evidence: JsonValue;
}

/** The verdict and what follows from it. */
export function judge(plan: Plan, state: RunState, step: StepState, gate: GatePlan, verdict: Verdict, nowMs: number): readonly RunEvent[] {
  const { name, type, onFail } = gate;
  const evaluated = (action: 'continue' | 'retry' | 'goto' | 'ask' | 'fail'): RunEvent => ({
    type: 'GateEvaluated',
    data: {
      step: step.id,
      gate: name,
      gateType: type,
      passed: verdict.passed,
      message: verdict.message,
      evidence: verdict.evidence,
      action,
    },
  });
  if (verdict.passed) return [evaluated('continue')];
  // A person that was asked about a failed gate has the last word.
  const isLastWord = step.asks !== null;
  const feedback = [{ gate: name, message: verdict.message, evidence: verdict.evidence }];
  const used = step.gateUses.get(name) ?? 0;
  if (onFail.action === 'retry' && used < onFail.maxAttempts) {
    const again: RunEvent =
      step.task === null
        ? { type: 'StepsReset', data: { steps: [step.id], target: step.id, because: { step: step.id, gate: name }, feedback } }
        : {
            type: 'TaskAttemptFailed',
            data: {
              task: step.task.id,
              attempt: step.task.attempt,
              cause: 'gate',
              error: { code: 'GATE_FAILED', message: verdict.message },
              worker: null,
              retryAt: isoTime(nowMs),
              feedback,
              ...(onFail.journal === 'reset' ? { journal: 'reset' } : {}),
              ...nextAgent(onFail.agents, used),
            },
          };
    return [evaluated('retry'), again];
  }
  if (onFail.action === 'goto' && used < onFail.maxVisits) {
    const again = new Set([onFail.step, ...(plan.steps.get(onFail.step)?.dependents ?? [])]);
    const steps = [...plan.steps.keys()].filter((id) => again.has(id) && hasBegun(stepState(state, id)));
    const cancelled = callBack(state, (id) => again.has(id), `gate "${name}" of step "${step.id}" goes back to "${onFail.step}"`);
    return [
      evaluated('goto'),
      ...cancelled,
      { type: 'StepsReset', data: { steps, target: onFail.step, because: { step: step.id, gate: name }, feedback } },
    ];
  }
  if (personAsked(onFail) !== null && !isLastWord) return [evaluated('ask')];
  return [evaluated('fail'), ...failStep(plan, step, state, { code: 'GATE_FAILED', message: `gate "${name}" failed: ${verdict.message}` })];
}

/** The agent that has the next try: each of the list in its turn, the last for all that follow. */
function nextAgent(agents: readonly string[] | null, used: number): { readonly nextAgent?: string } {
  const next = agents?.[Math.min(used, agents.length - 1)];
  return next === undefined ? {} : { nextAgent: next };
}

/** How the gate asks people, of itself or once it has failed; null for one that does not. */
export function rulesOf(gate: GatePlan): ApprovalRules | null {
  if (gate.type === 'approval') return gate.rules;
  return personAsked(gate.onFail)?.rules ?? null;
}
