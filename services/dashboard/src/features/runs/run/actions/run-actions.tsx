import { ActionIcon, Menu } from '@mantine/core';
import {
  cancelRun,
  pauseRun,
  queryRun,
  resetRun,
  resumeRun,
  retryRun,
  setVariables,
  signalRun,
  startRun,
  type RouteDefinition,
  type RunView,
} from '@tutti/rest-contract';
import {
  IconBan,
  IconBolt,
  IconCopyPlus,
  IconDots,
  IconHelpCircle,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconRotate2,
  IconVariable,
  type Icon,
} from '@tabler/icons-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useRefusal } from '../../../../session/use-may.js';
import { ActionButton } from '../../../../ui/action-button.js';
import { CancelDialog, PauseDialog, ResumeDialog } from './control-dialogs.js';
import { QueryDialog } from './query-dialog.js';
import { ResetDialog } from './reset-dialog.js';
import { RetryDialog } from './retry-dialog.js';
import { SignalDialog } from './signal-dialog.js';
import { VariablesDialog } from './variables-dialog.js';

type ActionName = 'pause' | 'resume' | 'retry' | 'reset' | 'signal' | 'variables' | 'query' | 'again' | 'cancel';

interface Action {
  readonly label: string;
  readonly icon: Icon;
  readonly route: Pick<RouteDefinition, 'access'>;
}

const ACTIONS: Readonly<Record<ActionName, Action>> = {
  pause: { label: 'Pause', icon: IconPlayerPause, route: pauseRun },
  resume: { label: 'Resume', icon: IconPlayerPlay, route: resumeRun },
  retry: { label: 'Retry', icon: IconRefresh, route: retryRun },
  reset: { label: 'Reset', icon: IconRotate2, route: resetRun },
  signal: { label: 'Signal', icon: IconBolt, route: signalRun },
  variables: { label: 'Set variables', icon: IconVariable, route: setVariables },
  query: { label: 'Query', icon: IconHelpCircle, route: queryRun },
  again: { label: 'Start another like it', icon: IconCopyPlus, route: startRun },
  cancel: { label: 'Cancel', icon: IconBan, route: cancelRun },
};

interface Offer {
  readonly first: readonly ActionName[];
  readonly more: readonly ActionName[];
}

const OF_ENDED: Offer = { first: [], more: ['reset', 'query', 'again'] };
const BY_STATUS: Readonly<Record<string, Offer>> = {
  running: { first: ['signal', 'pause', 'cancel'], more: ['variables', 'query', 'reset', 'again'] },
  paused: { first: ['resume', 'cancel'], more: ['signal', 'variables', 'query', 'reset', 'again'] },
  failed: { first: ['retry'], more: ['reset', 'query', 'again'] },
  succeeded: OF_ENDED,
  cancelled: { first: [], more: ['query', 'again'] },
};

/** What can be done with the run as it is. What the caller may not do is there, with the reason. */
export function RunActions({ run }: { readonly run: RunView }) {
  const [open, setOpen] = useState<ActionName | null>(null);
  const navigate = useNavigate();
  const { first, more } = BY_STATUS[run.status] ?? OF_ENDED;
  const choose = (name: ActionName): void => {
    if (name !== 'again') setOpen(name);
    else void navigate(`/workflows/${encodeURIComponent(run.workflow)}/start?from=${encodeURIComponent(run.id)}`);
  };
  return (
    <>
      {first.map((name) => (
        <FirstAction key={name} name={name} onClick={() => choose(name)} />
      ))}
      <Menu position="bottom-end" shadow="md" width={220}>
        <Menu.Target>
          <ActionIcon size={30} variant="default" aria-label="More">
            <IconDots size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {more.map((name) => (
            <FurtherAction key={name} name={name} onClick={() => choose(name)} />
          ))}
        </Menu.Dropdown>
      </Menu>
      <OpenDialog name={open} run={run} onClose={() => setOpen(null)} />
    </>
  );
}

interface ActionProps {
  readonly name: ActionName;
  readonly onClick: () => void;
}

function FirstAction({ name, onClick }: ActionProps) {
  const { label, icon: Shape, route } = ACTIONS[name];
  return (
    <ActionButton size="xs" variant="default" refusal={useRefusal(route)} leftSection={<Shape size={15} aria-hidden />} onClick={onClick}>
      {label}
    </ActionButton>
  );
}

function FurtherAction({ name, onClick }: ActionProps) {
  const { label, icon: Shape, route } = ACTIONS[name];
  const refusal = useRefusal(route);
  return (
    <Menu.Item leftSection={<Shape size={15} aria-hidden />} disabled={refusal !== null} title={refusal ?? ''} onClick={onClick}>
      {label}
    </Menu.Item>
  );
}

interface OpenDialogProps {
  readonly name: ActionName | null;
  readonly run: RunView;
  readonly onClose: () => void;
}

function OpenDialog({ name, run, onClose }: OpenDialogProps) {
  switch (name) {
    case 'pause':
      return <PauseDialog runId={run.id} onClose={onClose} />;
    case 'resume':
      return <ResumeDialog runId={run.id} onClose={onClose} />;
    case 'cancel':
      return <CancelDialog runId={run.id} onClose={onClose} />;
    case 'retry':
      return <RetryDialog run={run} onClose={onClose} />;
    case 'reset':
      return <ResetDialog run={run} steps={[]} onClose={onClose} />;
    case 'signal':
      return <SignalDialog run={run} onClose={onClose} />;
    case 'variables':
      return <VariablesDialog runId={run.id} onClose={onClose} />;
    case 'query':
      return <QueryDialog runId={run.id} onClose={onClose} />;
    default:
      return null;
  }
}
