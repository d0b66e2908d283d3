import { Anchor, Code, SegmentedControl, Table, Text } from '@mantine/core';
import { NOTIFICATION_STATUSES } from '@tutti/rest-contract';
import { IconBell } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { useHttp } from '../../api/http-context.js';
import { queries } from '../../api/queries.js';
import { CommandText } from '../../ui/command-text.js';
import { EmptyState } from '../../ui/empty-state.js';
import { words } from '../../ui/format.js';
import { LoadState, MoreButton } from '../../ui/load-state.js';
import { PageHeader } from '../../ui/page-header.js';
import { Status } from '../../ui/status.js';
import classes from '../../ui/table.module.css';
import { Time } from '../../ui/time.js';

const STATUSES = [{ value: '', label: 'All' }, ...NOTIFICATION_STATUSES.map((value) => ({ value, label: words(value) }))];

/** What people were told, and what could not be delivered. */
export function NotificationsPage() {
  const [parameters, setParameters] = useSearchParams();
  const status = STATUSES.find(({ value }) => value === parameters.get('status'))?.value ?? '';
  const answer = useInfiniteQuery(queries.notifications(useHttp(), status));
  const found = answer.data?.pages.flatMap(({ notifications }) => notifications) ?? [];
  return (
    <>
      <PageHeader
        title="Notifications"
        actions={
          <SegmentedControl
            size="xs"
            aria-label="Which notifications"
            data={STATUSES}
            value={status}
            onChange={(value) => setParameters(value === '' ? {} : { status: value }, { replace: true })}
          />
        }
      />
      <LoadState of={answer} />
      {answer.isSuccess && found.length === 0 && (
        <EmptyState icon={IconBell} title={status === '' ? 'Nobody was told anything yet' : 'There are none'}>
          Name channels in <Code>tutti.yaml</Code> under <Code>notifications</Code>, and who is told of approvals and of runs that ended.
          Try one:
          <CommandText command="npx tutti notification test my-channel" />
        </EmptyState>
      )}
      {found.length > 0 && (
        <Table className={`${classes['table']} ${classes['cards']}`} aria-label="Notifications" verticalSpacing={7}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={140}>Status</Table.Th>
              <Table.Th>What</Table.Th>
              <Table.Th>Channel</Table.Th>
              <Table.Th>Run</Table.Th>
              <Table.Th ta="right">Asked for</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.map((one) => (
              <Table.Tr key={one.id}>
                <Table.Td data-cell="status">
                  <Status status={one.status} />
                </Table.Td>
                <Table.Td data-cell="name">
                  <Text size="sm" fw={600}>
                    {one.title === '' ? words(one.on) : one.title}
                  </Text>
                  {one.errorMessage !== '' && (
                    <Text size="xs" c="dimmed">
                      {one.errorMessage}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>
                  {one.channel} {one.to.join(', ')}
                </Table.Td>
                <Table.Td data-empty={one.runId === ''}>
                  <Anchor component={Link} to={`/runs/${encodeURIComponent(one.runId)}`} size="sm">
                    {one.workflow === '' ? 'run' : one.workflow}
                  </Anchor>
                </Table.Td>
                <Table.Td className={classes['end'] ?? ''} data-cell="end">
                  <Time at={one.requestedAt} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      <MoreButton {...answer} />
    </>
  );
}
