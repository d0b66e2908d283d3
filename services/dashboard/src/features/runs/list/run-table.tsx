import { Anchor, Badge, Group, Table, Text } from '@mantine/core';
import type { RunSummary } from '@tutti/rest-contract';
import { Link } from 'react-router';
import { Id } from '../../../ui/copy-text.js';
import { Status } from '../../../ui/status.js';
import { Duration, Time } from '../../../ui/time.js';
import classes from '../../../ui/table.module.css';

/** A table whose rows open their run; on a phone each row is a card. */
export function RunTable({ runs }: { readonly runs: readonly RunSummary[] }) {
  return (
    <Table className={`${classes['table']} ${classes['cards']}`} verticalSpacing={7} aria-label="Runs">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={128}>Status</Table.Th>
          <Table.Th>Workflow</Table.Th>
          <Table.Th>Run</Table.Th>
          <Table.Th>Labels</Table.Th>
          <Table.Th>Started by</Table.Th>
          <Table.Th ta="right">Started</Table.Th>
          <Table.Th ta="right">Took</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {runs.map((run) => (
          <Row key={run.id} run={run} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Row({ run }: { readonly run: RunSummary }) {
  return (
    <Table.Tr>
      <Table.Td data-cell="status">
        <Status status={run.status} />
      </Table.Td>
      <Table.Td data-cell="name">
        <Anchor
          component={Link}
          c="inherit"
          to={`/runs/${encodeURIComponent(run.id)}`}
          className={classes['whole'] ?? ''}
          data-row
          fw={600}
          size="sm"
          style={{ overflowWrap: 'anywhere' }}
        >
          {run.workflow}
        </Anchor>{' '}
        <Text span size="xs" c="dimmed">
          v{run.workflowVersion}
          {run.block === '' ? '' : ` · ${run.block}`}
        </Text>
      </Table.Td>
      <Table.Td>
        <Id id={run.id} label="the run’s id" isShort />
      </Table.Td>
      <Table.Td data-cell="wide" data-empty={Object.keys(run.labels).length === 0}>
        <Labels labels={run.labels} />
      </Table.Td>
      <Table.Td data-narrow="hidden">
        <Text span size="xs" c="dimmed">
          {run.startedBy}
        </Text>
      </Table.Td>
      <Table.Td className={classes['end'] ?? ''} data-cell="end">
        <span className={classes['above']}>
          <Time at={run.startedAt} />
        </span>
      </Table.Td>
      <Table.Td className={classes['end'] ?? ''} data-narrow="hidden">
        <Duration from={run.startedAt} to={run.endedAt} />
      </Table.Td>
    </Table.Tr>
  );
}

export function Labels({ labels }: { readonly labels: Readonly<Record<string, string>> }) {
  return (
    <Group gap={4}>
      {Object.entries(labels).map(([key, value]) => (
        <Badge key={key} variant="default" tt="none" fw={500} radius="sm" size="sm" maw="100%" title={`${key}=${value}`}>
          {key}={value}
        </Badge>
      ))}
    </Group>
  );
}
