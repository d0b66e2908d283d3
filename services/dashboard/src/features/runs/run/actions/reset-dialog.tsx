import { MultiSelect } from '@mantine/core';
import { hasEnded, resetRun, type RunView } from '@tutti/rest-contract';
import { useState } from 'react';
import { useHttp } from '../../../../api/http-context.js';
import { browserSystem } from '../../../../system/browser-system.js';
import { ConfirmDialog } from '../../../../ui/confirm-dialog.js';
import { areStepInputs, readStepInputs, StepInputs } from './step-inputs.js';

interface ResetDialogProps {
  readonly run: RunView;
  /** Chosen from the beginning. */
  readonly steps: readonly string[];
  readonly onClose: () => void;
}

export function ResetDialog({ run, steps: chosen, onClose }: ResetDialogProps) {
  const http = useHttp();
  const [steps, setSteps] = useState(chosen);
  const [inputs, setInputs] = useState<Readonly<Record<string, string>>>({});
  const [idempotencyKey] = useState(() => browserSystem.newId());
  const choices = run.steps
    .filter((step) => hasEnded({ status: step.status }))
    .map(({ id, name }) => ({ value: id, label: name === '' ? id : name }));
  const kept = Object.fromEntries(Object.entries(inputs).filter(([step]) => steps.includes(step)));
  return (
    <ConfirmDialog
      title="Reset the run"
      text="These steps and all that need them are done anew. What they did before stays in the log."
      confirm="Reset the run"
      isDangerous
      isDisabled={steps.length === 0 || !areStepInputs(kept)}
      onConfirm={(reason) =>
        http.ask(resetRun, { params: { id: run.id }, body: { steps: [...steps], inputs: readStepInputs(kept), reason }, idempotencyKey })
      }
      onClose={onClose}
    >
      <MultiSelect label="From which steps on" searchable required data={choices} value={[...steps]} onChange={setSteps} />
      <StepInputs steps={steps} inputs={kept} onChange={setInputs} />
    </ConfirmDialog>
  );
}
