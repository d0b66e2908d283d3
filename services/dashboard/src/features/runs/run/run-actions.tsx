import { Button, JsonInput, TextInput } from '@mantine/core';
import { IconBan, IconBolt, IconPlayerPause, IconPlayerPlay, IconRefresh, type Icon } from '@tabler/icons-react';
import { useState } from 'react';
import { changes } from '../../../api/changes.js';
import { useHttp } from '../../../api/http-context.js';
import type { RunView } from '../../../api/views.js';
import { browserSystem } from '../../../system/browser-system.js';
import { ConfirmDialog } from '../../../ui/confirm-dialog.js';
import { isJson } from '../../../ui/json-text.js';

type ActionName = 'pause' | 'resume' | 'signal' | 'retry' | 'cancel';

interface ActionLook {
  readonly label: string;
  readonly icon: Icon;
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
}

const LOOKS: Readonly<Record<ActionName, ActionLook>> = {
  pause: {
    ...{ label: 'Pause', icon: IconPlayerPause, title: 'Pause the run', confirm: 'Pause the run' },
    text: 'Nothing new is begun until it is resumed. What is under way goes on to its end.',
  },
  resume: {
    ...{ label: 'Resume', icon: IconPlayerPlay, title: 'Resume the run', confirm: 'Resume the run' },
    text: 'It goes on where it was.',
  },
  signal: {
    ...{ label: 'Signal', icon: IconBolt, title: 'Send a signal', confirm: 'Send the signal' },
    text: 'A step that waits for a signal of this name takes it; without one, it is kept for the next that waits.',
  },
  retry: {
    ...{ label: 'Retry', icon: IconRefresh, title: 'Retry the run', confirm: 'Retry the run' },
    text: 'The run goes on from the steps that failed. What succeeded is not done again.',
  },
  cancel: {
    ...{ label: 'Cancel', icon: IconBan, title: 'Cancel the run', confirm: 'Cancel the run' },
    text: 'Everything under way is aborted, and the run ends for good.',
  },
};

const BY_STATUS: Readonly<Record<string, readonly ActionName[]>> = {
  running: ['signal', 'pause', 'cancel'],
  paused: ['signal', 'resume', 'cancel'],
  failed: ['retry'],
};

export function RunActions({ run }: { readonly run: RunView }) {
  const [open, setOpen] = useState<ActionName | null>(null);
  return (
    <>
      {(BY_STATUS[run.status] ?? []).map((name) => {
        const { label, icon: Shape } = LOOKS[name];
        return (
          <Button key={name} variant="default" leftSection={<Shape size={16} aria-hidden />} onClick={() => setOpen(name)}>
            {label}
          </Button>
        );
      })}
      {open === 'signal' && <SignalDialog runId={run.id} onClose={() => setOpen(null)} />}
      {open !== null && open !== 'signal' && <ActionDialog runId={run.id} name={open} onClose={() => setOpen(null)} />}
    </>
  );
}

interface DialogProps {
  readonly runId: string;
  readonly onClose: () => void;
}

function ActionDialog({ runId, name, onClose }: DialogProps & { readonly name: Exclude<ActionName, 'signal'> }) {
  const http = useHttp();
  const [key] = useState(() => browserSystem.newId());
  const calls: Readonly<Record<typeof name, (reason: string) => Promise<unknown>>> = {
    pause: (reason) => changes.pauseRun(http, runId, reason),
    resume: (reason) => changes.resumeRun(http, runId, reason),
    retry: (reason) => changes.retryRun(http, runId, reason, key),
    cancel: (reason) => changes.cancelRun(http, runId, reason),
  };
  const { title, text, confirm } = LOOKS[name];
  return (
    <ConfirmDialog title={title} text={text} confirm={confirm} isDangerous={name === 'cancel'} onConfirm={calls[name]} onClose={onClose} />
  );
}

function SignalDialog({ runId, onClose }: DialogProps) {
  const http = useHttp();
  const [name, setName] = useState('');
  const [payload, setPayload] = useState('null');
  const [key] = useState(() => browserSystem.newId());
  const { title, text, confirm } = LOOKS.signal;
  return (
    <ConfirmDialog
      title={title}
      text={text}
      confirm={confirm}
      withReason={false}
      isDisabled={name.trim() === '' || !isJson(payload)}
      onConfirm={() => changes.signalRun(http, runId, name.trim(), JSON.parse(payload), key)}
      onClose={onClose}
    >
      <TextInput label="Name" required value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <JsonInput
        label="Payload, as JSON"
        value={payload}
        onChange={setPayload}
        error={isJson(payload) ? null : 'This is no JSON.'}
        autosize
        minRows={2}
        maxRows={12}
      />
    </ConfirmDialog>
  );
}
