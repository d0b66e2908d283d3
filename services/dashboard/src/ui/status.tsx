import { Group, Text } from '@mantine/core';
import {
  IconAlertTriangleFilled,
  IconBan,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconCircleXFilled,
  IconClock,
  IconHandStop,
  IconPlayerPauseFilled,
  IconPlayerSkipForwardFilled,
  IconProgress,
  type Icon,
} from '@tabler/icons-react';
import { words } from './format.js';
import classes from './status.module.css';

interface StatusLook {
  readonly icon: Icon;
  /** A tone of status.module.css. */
  readonly tone: 'good' | 'bad' | 'busy' | 'hold' | 'ask' | 'calm';
  readonly label?: string;
}

const LOOKS: Readonly<Record<string, StatusLook>> = {
  running: { icon: IconProgress, tone: 'busy' },
  assigned: { icon: IconProgress, tone: 'busy' },
  succeeded: { icon: IconCircleCheckFilled, tone: 'good' },
  approved: { icon: IconCircleCheckFilled, tone: 'good' },
  registered: { icon: IconCircleCheckFilled, tone: 'good', label: 'Ready' },
  active: { icon: IconCircleCheckFilled, tone: 'good' },
  failed: { icon: IconCircleXFilled, tone: 'bad' },
  rejected: { icon: IconCircleXFilled, tone: 'bad' },
  cancelled: { icon: IconBan, tone: 'calm' },
  voided: { icon: IconBan, tone: 'calm', label: 'Not needed any more' },
  deregistered: { icon: IconBan, tone: 'calm' },
  paused: { icon: IconPlayerPauseFilled, tone: 'hold' },
  waiting: { icon: IconClock, tone: 'hold' },
  retrying: { icon: IconClock, tone: 'hold' },
  expired: { icon: IconAlertTriangleFilled, tone: 'hold' },
  'awaiting-approval': { icon: IconHandStop, tone: 'ask', label: 'Needs approval' },
  asked: { icon: IconHandStop, tone: 'ask' },
  pending: { icon: IconCircleDashed, tone: 'calm' },
  skipped: { icon: IconPlayerSkipForwardFilled, tone: 'calm' },
  sent: { icon: IconCircleCheckFilled, tone: 'good' },
  undeliverable: { icon: IconCircleXFilled, tone: 'bad' },
};

const UNKNOWN: StatusLook = { icon: IconCircleDashed, tone: 'calm' };

export function toneOf(status: string): StatusLook['tone'] {
  return (LOOKS[status] ?? UNKNOWN).tone;
}

/** The state in words. */
export function labelOf(status: string): string {
  return LOOKS[status]?.label ?? words(status);
}

export function StatusIcon({ status, size = 16 }: { readonly status: string; readonly size?: number }) {
  const { icon: Shape, tone } = LOOKS[status] ?? UNKNOWN;
  return (
    <Shape size={size} aria-hidden className={`${classes['icon']} ${classes[tone]} ${status === 'running' ? classes['turning'] : ''}`} />
  );
}

/** A state by icon, colour and word: the colour alone says nothing. */
export function Status({ status, label }: { readonly status: string; readonly label?: string }) {
  return (
    <Group gap={6} wrap="nowrap" component="span" data-status={status}>
      <StatusIcon status={status} />
      <Text span size="sm" fw={500} className={classes['word']}>
        {label ?? labelOf(status)}
      </Text>
    </Group>
  );
}
