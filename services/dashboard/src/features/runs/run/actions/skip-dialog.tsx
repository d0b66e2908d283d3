import { skipStep } from '@tutti/rest-contract';
import { useState } from 'react';
import { useHttp } from '../../../../api/http-context.js';
import { browserSystem } from '../../../../system/browser-system.js';
import { ConfirmDialog } from '../../../../ui/confirm-dialog.js';
import { JsonField } from '../../../../ui/json-field.js';
import { isJson, readJson } from '../../../../ui/json-text.js';

interface SkipDialogProps {
  readonly runId: string;
  readonly step: string;
  readonly onClose: () => void;
}

export function SkipDialog({ runId, step, onClose }: SkipDialogProps) {
  const http = useHttp();
  const [output, setOutput] = useState('null');
  const [idempotencyKey] = useState(() => browserSystem.newId());
  return (
    <ConfirmDialog
      title={`Skip ${step}`}
      text="The step counts as done with the output given here, and the run goes on from there."
      confirm="Skip the step"
      isDisabled={!isJson(output)}
      onConfirm={(reason) =>
        http.ask(skipStep, { params: { id: runId, step }, body: { output: readJson(output), reason }, idempotencyKey })
      }
      onClose={onClose}
    >
      <JsonField label="Output, as JSON" value={output} onChange={setOutput} />
    </ConfirmDialog>
  );
}
