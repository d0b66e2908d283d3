import type { RunEvent, StoredValue } from '@tutti/contracts';
import { isoTime, type JsonValue } from '@tutti/kernel';
import type { GatePlan, Plan } from '../definition/plan.js';
import { callBack } from './run.call-back.js';
import { failStep } from './run.ending.js';
import { stepState, type RunState, type StepState } from './run.state.js';

interface Verdict {
  readonly passed: boolean;
  readonly message: string;
  readonly evidence: JsonValue;
}

/** The verdict and what follows from it. */
export function judge(plan: Plan, state: RunState, step: StepState, gate: GatePlan, verdict: Verdict, nowMs: number): readonly RunEvent[] {
  const { name, type, onFail } = gate;
  const evaluated = (action: 'continue' | 'retry' | 'goto' | 'fail'): RunEvent => ({
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
            },
          };
    return [evaluated('retry'), again];
  }
  if (onFail.action === 'goto' && used < onFail.maxVisits) {
    const again = new Set([onFail.step, ...(plan.steps.get(onFail.step)?.dependents ?? [])]);
    const steps = [...plan.steps.keys()].filter((id) => again.has(id) && stepState(state, id).status !== 'pending');
    const cancelled = callBack(state, (id) => again.has(id), `gate "${name}" of step "${step.id}" goes back to "${onFail.step}"`);
    return [
      evaluated('goto'),
      ...cancelled,
      { type: 'StepsReset', data: { steps, target: onFail.step, because: { step: step.id, gate: name }, feedback } },
    ];
  }
  return [evaluated('fail'), ...failStep(plan, step, state, { code: 'GATE_FAILED', message: `gate "${name}" failed: ${verdict.message}` })];
}

/** Asks a person. The id says whose it is and how many times the gate has asked. */
export function requestApproval(
  state: RunState,
  step: StepState,
  gate: GatePlan,
  title: string,
  payload: StoredValue,
  payloadHash: string,
): RunEvent {
  let asked = 1;
  for (const approval of state.approvals.values()) if (approval.step === step.id && approval.gate === gate.name) asked++;
  return {
    type: 'ApprovalRequested',
    data: { approvalId: `${state.runId}.${step.id}.${gate.name}.${asked}`, step: step.id, gate: gate.name, title, payload, payloadHash },
  };
}

/** The run an approval belongs to, by its id alone. */
export function runOfApproval(approvalId: string): string {
  const dot = approvalId.indexOf('.');
  return dot < 0 ? approvalId : approvalId.slice(0, dot);
}
