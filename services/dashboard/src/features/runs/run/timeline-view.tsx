import { Box, Group, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconTimeline } from '@tabler/icons-react';
import { EmptyState } from '../../../ui/empty-state.js';
import { durationText, words } from '../../../ui/format.js';
import { StatusIcon, toneOf } from '../../../ui/status.js';
import { useNow } from '../../../ui/time.js';
import type { Attempt } from './run-story.js';
import { ticksOf, timelineOf, type TimelineBar } from './timeline.js';
import classes from './timeline-view.module.css';

const SHOWN = 300;

interface TimelineViewProps {
  readonly attempts: readonly Attempt[];
  /** The run goes on. */
  readonly isOpen: boolean;
  readonly onOpen: (step: string) => void;
}

/** Every attempt, wait and question from the time it began: waiting pale, at work full. */
export function TimelineView({ attempts, isOpen, onOpen }: TimelineViewProps) {
  const isNarrow = useMediaQuery('(max-width: 62em)', false, { getInitialValueInEffect: false });
  const now = useNow(isOpen ? 1_000 : 0);
  if (attempts.length === 0) {
    return (
      <EmptyState icon={IconTimeline} title="No attempt yet">
        As soon as a step is scheduled, its attempts stand here by the time they took.
      </EmptyState>
    );
  }
  const { bars, spanMs } = timelineOf(attempts.slice(0, SHOWN), now);
  return (
    <Box className={classes['frame']}>
      <div className={classes['ticks']} aria-hidden>
        {ticksOf(spanMs, isNarrow ? 2 : 6).map((ms) => (
          <span key={ms} style={{ left: `${(ms / spanMs) * 100}%` }}>
            {durationText(ms)}
          </span>
        ))}
      </div>
      <ol className={classes['rows']} aria-label="Timeline of the attempts">
        {bars.map((bar) => (
          <li key={`${bar.attempt.task}#${bar.attempt.attempt}`}>
            <Row bar={bar} spanMs={spanMs} onOpen={onOpen} />
          </li>
        ))}
      </ol>
      {attempts.length > SHOWN && (
        <Text size="xs" c="dimmed" mt="xs">
          The first {SHOWN} of {attempts.length} attempts.
        </Text>
      )}
    </Box>
  );
}

function Row({ bar, spanMs, onOpen }: { readonly bar: TimelineBar; readonly spanMs: number; readonly onOpen: (step: string) => void }) {
  const { task, attempt, status, agent, kind, step } = bar.attempt;
  const ms = (share: number): string => durationText((share / 100) * spanMs);
  const what = `${task}${attempt > 1 ? `, attempt ${attempt}` : ''}`;
  const who = agent === '' ? (kind === 'agent' ? 'no agent yet' : kind) : agent;
  const spent = kind === 'agent' ? `waited ${ms(bar.waited)}, worked ${ms(bar.worked)}` : `took ${ms(bar.worked)}`;
  const how = `${words(status)}: ${spent}, ${who}`;
  return (
    <Tooltip label={how} events={{ hover: true, focus: true, touch: false }} position="bottom">
      <UnstyledButton className={classes['row']} onClick={() => onOpen(step)}>
        <Group gap={6} wrap="nowrap" className={classes['label']}>
          <StatusIcon status={status} size={16} />
          <Text span size="sm" truncate>
            {what}
          </Text>
        </Group>
        <span className={classes['track']}>
          <span className={classes['waited']} style={{ left: `${bar.left}%`, width: `${bar.waited}%` }} />
          <span
            className={`${classes['worked']} ${classes[toneOf(status)] ?? ''}`}
            style={{ left: `${Math.min(bar.left + bar.waited, 99.6)}%`, width: `max(3px, ${bar.worked}%)` }}
          />
        </span>
        <span className={classes['unseen']}>{how}</span>
        <span className={classes['length']} data-duration aria-hidden>
          {ms(bar.waited + bar.worked)}
        </span>
      </UnstyledButton>
    </Tooltip>
  );
}
