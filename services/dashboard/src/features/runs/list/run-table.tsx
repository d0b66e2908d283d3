import { Anchor, Badge, Group, Table, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { RunView } from '../../../api/views.js';
import { shortId } from '../../../ui/format.js';
import { Status } from '../../../ui/status.js';
import { Duration, Time } from '../../../ui/time.js';
import classes from '../../../ui/table.module.css';

/** A table; on a phone each row is a card. */
export function RunTable({ runs }: { readonly runs: readonly RunView[] }) {
  return (
    <Table className={classes['cards'] ?? ''} highlightOnHover verticalSpacing="xs" aria-label="Runs">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Status</Table.Th>
          <Table.Th>Workflow</Table.Th>
          <Table.Th>Run</Table.Th>
          <Table.Th>Labels</Table.Th>
          <Table.Th>Started</Table.Th>
          <Table.Th>Took</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {runs.map((run) => (
          <Table.Tr key={run.id}>
            <Table.Td>
              <Status status={run.status} />
            </Table.Td>
            <Table.Td>
              <Anchor component={Link} to={`/runs/${encodeURIComponent(run.id)}`} fw={600} size="sm">
                {run.workflow}
              </Anchor>{' '}
              <Text span size="sm" c="dimmed">
                v{run.workflowVersion}
                {run.block === '' ? '' : ` · ${run.block}`}
              </Text>
            </Table.Td>
            <Table.Td>
              <Text span size="sm" ff="monospace" title={run.id} data-run-id>
                {shortId(run.id)}
              </Text>
            </Table.Td>
            <Table.Td data-empty={Object.keys(run.labels).length === 0}>
              <Labels labels={run.labels} />
            </Table.Td>
            <Table.Td>
              <Time at={run.startedAt} />{' '}
              <Text span size="xs" c="dimmed">
                by {run.startedBy}
              </Text>
            </Table.Td>
            <Table.Td>
              <Duration from={run.startedAt} to={run.endedAt} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

export function Labels({ labels }: { readonly labels: Readonly<Record<string, string>> }) {
  return (
    <Group gap={4}>
      {Object.entries(labels).map(([key, value]) => (
        <Badge key={key} variant="default" tt="none" fw={500} radius="sm" size="md">
          {key}={value}
        </Badge>
      ))}
    </Group>
  );
}
