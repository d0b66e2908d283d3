import { RunStatus, StepStatus, type RunView, type StepView } from '@tutti/contracts';
import { wireEnum } from '../wire/wire-enum.js';

export const runStatus = wireEnum(RunStatus, 'RUN_STATUS_');
const stepStatus = wireEnum(StepStatus, 'STEP_STATUS_');

export function runToWire(run: RunView) {
  return { ...run, status: runStatus.word(run.status), steps: run.steps.map(stepToWire) };
}

/** As the lists carry it, where the contract leaves steps and outputs out. */
export function runSummaryToWire({ steps: _steps, outputs: _outputs, ...run }: RunView) {
  return { ...run, status: runStatus.word(run.status) };
}

function stepToWire(step: StepView) {
  const children = step.children.map((child) => ({ ...child, status: runStatus.word(child.status) }));
  return { ...step, status: stepStatus.word(step.status), children };
}
