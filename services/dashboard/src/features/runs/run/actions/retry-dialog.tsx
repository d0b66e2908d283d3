import { retryRun, type RunView } from '@tutti/rest-contract';
import { useState } from 'react';
import { useHttp } from '../../../../api/http-context.js';
import { browserSystem } from '../../../../system/browser-system.js';
import { ConfirmDialog } from '../../../../ui/confirm-dialog.js';
import { areStepInputs, readStepInputs, StepInputs } from './step-inputs.js';

interface RetryDialogProps {
  readonly run: RunView;
  readonly onClose: () => void;
}

export function RetryDialog({ run, onClose }: RetryDialogProps) {
  const http = useHttp();
  const failed = run.steps.filter(({ status }) => status === 'failed').map(({ id }) => id);
  const [inputs, setInputs] = useState<Readonly<Record<string, string>>>({});
  const [idempotencyKey] = useState(() => browserSystem.newId());
  return (
    <ConfirmDialog
      title="Retry the run"
      text={`The run goes on from what failed${failed.length === 0 ? '' : `: ${failed.join(', ')}`}. What succeeded is not done again.`}
      confirm="Retry the run"
      isDisabled={!areStepInputs(inputs)}
      onConfirm={(reason) =>
        http.ask(retryRun, { params: { id: run.id }, body: { inputs: readStepInputs(inputs), reason }, idempotencyKey })
      }
      onClose={onClose}
    >
      <StepInputs steps={failed} inputs={inputs} onChange={setInputs} />
    </ConfirmDialog>
  );
}
