import { Anchor, Button, Code, Table, Text } from '@mantine/core';
import { IconClockHour4 } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { changes } from '../../api/changes.js';
import { useHttp } from '../../api/http-context.js';
import { queries } from '../../api/queries.js';
import type { ScheduleView } from '../../api/views.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import { EmptyState } from '../../ui/empty-state.js';
import { LoadState } from '../../ui/load-state.js';
import { PageHeader } from '../../ui/page-header.js';
import { Status } from '../../ui/status.js';
import classes from '../../ui/table.module.css';
import { Time } from '../../ui/time.js';

export function SchedulesPage() {
  const answer = useQuery(queries.schedules(useHttp()));
  const [changing, setChanging] = useState<ScheduleView | null>(null);
  return (
    <>
      <PageHeader title="Schedules" />
      <LoadState of={answer} />
      {answer.data?.length === 0 && (
        <EmptyState icon={IconClockHour4} title="Nothing is scheduled">
          Give a workflow times with <Code>on: schedule</Code> in its definition, or make a schedule with <Code>tutti schedule create</Code>
          .
        </EmptyState>
      )}
      {answer.data !== undefined && answer.data.length > 0 && (
        <Table className={classes['cards'] ?? ''} aria-label="Schedules" verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Schedule</Table.Th>
              <Table.Th>Status</Table.Th>
              <Table.Th>When</Table.Th>
              <Table.Th>Next</Table.Th>
              <Table.Th>Last runs</Table.Th>
              <Table.Th aria-label="Change" />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {answer.data.map((schedule) => (
              <ScheduleRow key={schedule.name} schedule={schedule} onChange={() => setChanging(schedule)} />
            ))}
          </Table.Tbody>
        </Table>
      )}
      {changing !== null && <ScheduleDialog schedule={changing} onClose={() => setChanging(null)} />}
    </>
  );
}

const SHOWN_RUNS = 3;

function ScheduleRow({ schedule, onChange }: { readonly schedule: ScheduleView; readonly onChange: () => void }) {
  const { name, workflow, status, cron, every, timezone, nextTimes, recentRuns } = schedule;
  const isPaused = status === 'paused';
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={600}>
          {name}
        </Text>
        <Anchor component={Link} to={`/workflows/${encodeURIComponent(workflow)}`} size="sm">
          {workflow}
        </Anchor>
      </Table.Td>
      <Table.Td>
        <Status status={status} />
      </Table.Td>
      <Table.Td>
        <Code>{cron ?? `every ${every ?? ''}`}</Code>{' '}
        <Text span size="xs" c="dimmed">
          {timezone ?? ''}
        </Text>
      </Table.Td>
      <Table.Td>{isPaused ? <Text size="sm">not while paused</Text> : <Time at={nextTimes[0]} />}</Table.Td>
      <Table.Td data-empty={recentRuns.length === 0}>
        {recentRuns.slice(-SHOWN_RUNS).map(({ runId, scheduledTime }) => (
          <Anchor key={runId} component={Link} to={`/runs/${encodeURIComponent(runId)}`} size="sm" display="block">
            <Time at={scheduledTime} />
          </Anchor>
        ))}
      </Table.Td>
      <Table.Td>
        <Button size="compact-sm" variant="default" aria-label={`${isPaused ? 'Resume' : 'Pause'} ${name}`} onClick={onChange}>
          {isPaused ? 'Resume' : 'Pause'}
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}

function ScheduleDialog({ schedule: { name, status }, onClose }: { readonly schedule: ScheduleView; readonly onClose: () => void }) {
  const http = useHttp();
  const client = useQueryClient();
  const isPaused = status === 'paused';
  return (
    <ConfirmDialog
      title={`${isPaused ? 'Resume' : 'Pause'} ${name}`}
      text={isPaused ? 'Runs start again at its times.' : 'No run starts at its times until it is resumed.'}
      confirm={isPaused ? 'Resume the schedule' : 'Pause the schedule'}
      onConfirm={async (reason) => {
        await (isPaused ? changes.resumeSchedule(http, name, reason) : changes.pauseSchedule(http, name, reason));
        await client.invalidateQueries({ queryKey: ['schedules'] });
      }}
      onClose={onClose}
    />
  );
}
