import { Autocomplete } from '@mantine/core';
import { signalRun, type RunView } from '@tutti/rest-contract';
import { useState } from 'react';
import { useHttp } from '../../../../api/http-context.js';
import { browserSystem } from '../../../../system/browser-system.js';
import { ConfirmDialog } from '../../../../ui/confirm-dialog.js';
import { JsonField } from '../../../../ui/json-field.js';
import { isJson, readJson } from '../../../../ui/json-text.js';

interface SignalDialogProps {
  readonly run: RunView;
  readonly onClose: () => void;
}

export function SignalDialog({ run, onClose }: SignalDialogProps) {
  const http = useHttp();
  const awaited = run.steps.flatMap((step) => (step.awaited?.kind === 'signal' ? [step.awaited.what] : []));
  const [name, setName] = useState(awaited[0] ?? '');
  const [payload, setPayload] = useState('null');
  const [idempotencyKey] = useState(() => browserSystem.newId());
  return (
    <ConfirmDialog
      title="Send a signal"
      text="A step that waits for a signal of this name takes it; without one, it is kept for the next that waits."
      confirm="Send the signal"
      withReason={false}
      isDisabled={name.trim() === '' || !isJson(payload)}
      onConfirm={() =>
        http.ask(signalRun, { params: { id: run.id, name: name.trim() }, body: { payload: readJson(payload) }, idempotencyKey })
      }
      onClose={onClose}
    >
      <Autocomplete
        label="Name"
        required
        data={[...new Set(awaited)]}
        description={awaited.length === 0 ? 'No step waits for a signal now.' : `Steps wait for: ${[...new Set(awaited)].join(', ')}`}
        value={name}
        onChange={setName}
      />
      <JsonField label="Payload, as JSON" value={payload} onChange={setPayload} />
    </ConfirmDialog>
  );
}
