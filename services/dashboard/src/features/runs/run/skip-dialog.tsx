import { JsonInput } from '@mantine/core';
import { useState } from 'react';
import { changes } from '../../../api/changes.js';
import { useHttp } from '../../../api/http-context.js';
import { browserSystem } from '../../../system/browser-system.js';
import { ConfirmDialog } from '../../../ui/confirm-dialog.js';
import { isJson } from '../../../ui/json-text.js';

interface SkipDialogProps {
  readonly runId: string;
  readonly step: string;
  readonly onClose: () => void;
}

export function SkipDialog({ runId, step, onClose }: SkipDialogProps) {
  const http = useHttp();
  const [output, setOutput] = useState('null');
  const [key] = useState(() => browserSystem.newId());
  return (
    <ConfirmDialog
      title={`Skip ${step}`}
      text="The step counts as done with the output given here, and the run goes on from there."
      confirm="Skip the step"
      isDisabled={!isJson(output)}
      onConfirm={(reason) => changes.skipStep(http, runId, step, JSON.parse(output), reason, key)}
      onClose={onClose}
    >
      <JsonInput
        label="Output, as JSON"
        value={output}
        onChange={setOutput}
        error={isJson(output) ? null : 'This is no JSON.'}
        autosize
        minRows={2}
        maxRows={12}
      />
    </ConfirmDialog>
  );
}
