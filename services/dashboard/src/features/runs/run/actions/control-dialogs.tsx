import { Checkbox } from '@mantine/core';
import { cancelRun, pauseRun, resumeRun } from '@tutti/rest-contract';
import { useState } from 'react';
import { useHttp } from '../../../../api/http-context.js';
import { ConfirmDialog } from '../../../../ui/confirm-dialog.js';

interface DialogProps {
  readonly runId: string;
  readonly onClose: () => void;
}

export function PauseDialog({ runId, onClose }: DialogProps) {
  const http = useHttp();
  return (
    <ConfirmDialog
      title="Pause the run"
      text="Nothing new is begun until it is resumed. What is under way goes on to its end."
      confirm="Pause the run"
      onConfirm={(reason) => http.ask(pauseRun, { params: { id: runId }, body: { reason } })}
      onClose={onClose}
    />
  );
}

export function ResumeDialog({ runId, onClose }: DialogProps) {
  const http = useHttp();
  return (
    <ConfirmDialog
      title="Resume the run"
      text="It goes on where it was."
      confirm="Resume the run"
      onConfirm={(reason) => http.ask(resumeRun, { params: { id: runId }, body: { reason } })}
      onClose={onClose}
    />
  );
}

export function CancelDialog({ runId, onClose }: DialogProps) {
  const http = useHttp();
  const [force, setForce] = useState(false);
  return (
    <ConfirmDialog
      title="Cancel the run"
      text="Everything under way is aborted, and the run ends. What its steps say how to undo is undone."
      confirm="Cancel the run"
      isDangerous
      onConfirm={(reason) => http.ask(cancelRun, { params: { id: runId }, body: { reason, force } })}
      onClose={onClose}
    >
      <Checkbox
        label="By force"
        description="Ends it at once: nothing is undone, no handler runs."
        checked={force}
        onChange={(event) => setForce(event.currentTarget.checked)}
      />
    </ConfirmDialog>
  );
}
