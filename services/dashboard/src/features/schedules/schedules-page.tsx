import { Anchor, Code, Group, Table, Text } from '@mantine/core';
import { createSchedule, pauseSchedule, resumeSchedule, triggerSchedule, type ScheduleView } from '@tutti/rest-contract';
import { IconClockHour4, IconPlayerPlay, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { useHttp } from '../../api/http-context.js';
import { queries } from '../../api/queries.js';
import { useRefusal } from '../../session/use-may.js';
import { ActionButton } from '../../ui/action-button.js';
import { CommandText } from '../../ui/command-text.js';
import { EmptyState } from '../../ui/empty-state.js';
import { LoadState } from '../../ui/load-state.js';
import { PageHeader } from '../../ui/page-header.js';
import { Status } from '../../ui/status.js';
import classes from '../../ui/table.module.css';
import { Time } from '../../ui/time.js';
import { CreateScheduleDialog } from './create-schedule-dialog.js';
import { ScheduleDialog, type ScheduleChange } from './schedule-dialog.js';

interface Changing {
  readonly schedule: ScheduleView;
  readonly change: ScheduleChange;
}

export function SchedulesPage() {
  const answer = useQuery(queries.schedules(useHttp()));
  const [changing, setChanging] = useState<Changing | null>(null);
  const [isCreating, setIsCreating] = useState(false);
  return (
    <>
      <PageHeader
        title="Schedules"
        actions={
          <ActionButton
            size="xs"
            refusal={useRefusal(createSchedule)}
            leftSection={<IconPlus size={15} aria-hidden />}
            onClick={() => setIsCreating(true)}
          >
            New schedule
          </ActionButton>
        }
      />
      <LoadState of={answer} />
      {answer.data?.length === 0 && (
        <EmptyState icon={IconClockHour4} title="Nothing is scheduled">
          Give a workflow times with <Code>on: schedule</Code> in its definition, make a schedule here, or in a terminal:
          <CommandText command="npx tutti schedule create nightly --workflow my-workflow --every 1d" />
        </EmptyState>
      )}
      {answer.data !== undefined && answer.data.length > 0 && (
        <Table className={`${classes['table']} ${classes['cards']}`} aria-label="Schedules" verticalSpacing={8}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Schedule</Table.Th>
              <Table.Th w={110}>Status</Table.Th>
              <Table.Th>When</Table.Th>
              <Table.Th>Next</Table.Th>
              <Table.Th>Last runs</Table.Th>
              <Table.Th aria-label="Change" />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {answer.data.map((schedule) => (
              <ScheduleRow key={schedule.name} schedule={schedule} onChange={(change) => setChanging({ schedule, change })} />
            ))}
          </Table.Tbody>
        </Table>
      )}
      {isCreating && <CreateScheduleDialog onClose={() => setIsCreating(false)} />}
      {changing !== null && <ScheduleDialog {...changing} onClose={() => setChanging(null)} />}
    </>
  );
}

const SHOWN_RUNS = 3;

interface ScheduleRowProps {
  readonly schedule: ScheduleView;
  readonly onChange: (change: ScheduleChange) => void;
}

function ScheduleRow({ schedule, onChange }: ScheduleRowProps) {
  const { name, workflow, status, cron, every, timezone, nextTimes, recentRuns, ownedBy } = schedule;
  const isPaused = status === 'paused';
  const refusal = useRefusal(isPaused ? resumeSchedule : pauseSchedule);
  return (
    <Table.Tr>
      <Table.Td data-cell="name">
        <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
          {name}
        </Text>
        <Anchor component={Link} to={`/workflows/${encodeURIComponent(workflow)}`} size="xs">
          {workflow}
        </Anchor>
      </Table.Td>
      <Table.Td data-cell="status">
        <Status status={status} />
      </Table.Td>
      <Table.Td>
        <Code>{cron ?? `every ${every ?? ''}`}</Code>{' '}
        <Text span size="xs" c="dimmed">
          {timezone ?? ''}
        </Text>
      </Table.Td>
      <Table.Td data-cell="end">{isPaused ? <Text size="sm">not while paused</Text> : <Time at={nextTimes[0]} />}</Table.Td>
      <Table.Td data-empty={recentRuns.length === 0} data-cell="wide">
        <Group gap="2px 12px">
          {recentRuns.slice(0, SHOWN_RUNS).map(({ runId, scheduledTime }) => (
            <Anchor key={runId} component={Link} to={`/runs/${encodeURIComponent(runId)}`} size="sm">
              <Time at={scheduledTime} />
            </Anchor>
          ))}
        </Group>
      </Table.Td>
      <Table.Td data-cell="wide">
        <Group gap={8} justify="flex-end" wrap="nowrap">
          <ActionButton
            size="compact-sm"
            variant="default"
            refusal={useRefusal(triggerSchedule)}
            leftSection={<IconPlayerPlay size={14} aria-hidden />}
            aria-label={`Run ${name} now`}
            onClick={() => onChange('trigger')}
          >
            Run now
          </ActionButton>
          <ActionButton
            size="compact-sm"
            variant="default"
            refusal={refusal}
            aria-label={`${isPaused ? 'Resume' : 'Pause'} ${name}`}
            onClick={() => onChange(isPaused ? 'resume' : 'pause')}
          >
            {isPaused ? 'Resume' : 'Pause'}
          </ActionButton>
          <ActionButton
            size="compact-sm"
            variant="default"
            refusal={refusal ?? (ownedBy === '' ? null : `It stands in the definition of ${ownedBy}`)}
            aria-label={`Delete ${name}`}
            onClick={() => onChange('delete')}
          >
            Delete
          </ActionButton>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
