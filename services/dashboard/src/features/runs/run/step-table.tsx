import { Anchor, Stack, Table, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { StepView } from '../../../api/views.js';
import { counted, words } from '../../../ui/format.js';
import { Status } from '../../../ui/status.js';
import classes from '../../../ui/table.module.css';
import { Duration, Time } from '../../../ui/time.js';

interface StepTableProps {
  readonly steps: readonly StepView[];
  readonly onOpen: (step: string) => void;
}

export function StepTable({ steps, onOpen }: StepTableProps) {
  return (
    <Table className={classes['cards'] ?? ''} aria-label="Steps" verticalSpacing="xs">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Step</Table.Th>
          <Table.Th>Status</Table.Th>
          <Table.Th>Work</Table.Th>
          <Table.Th>Gates</Table.Th>
          <Table.Th>Started</Table.Th>
          <Table.Th>Took</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {steps.map((step) => (
          <Table.Tr key={step.id}>
            <Table.Td>
              <Anchor component="button" type="button" size="sm" fw={600} ta="left" onClick={() => onOpen(step.id)}>
                {step.name === '' ? step.id : step.name}
              </Anchor>
            </Table.Td>
            <Table.Td>
              <Status status={step.status} />
              {step.awaited !== undefined && (
                <Text size="xs" c="dimmed">
                  for {words(step.awaited.kind).toLowerCase()} {step.awaited.what}
                  {step.awaited.until === undefined ? (
                    ''
                  ) : (
                    <>
                      {' '}
                      until <Time at={step.awaited.until} />
                    </>
                  )}
                </Text>
              )}
              {step.skipReason !== '' && (
                <Text size="xs" c="dimmed">
                  {step.skipReason}
                </Text>
              )}
            </Table.Td>
            <Table.Td data-empty={workOf(step) === '' && step.children.length === 0}>
              <Stack gap={2}>
                <Text size="sm">{workOf(step)}</Text>
                <Children step={step} />
              </Stack>
            </Table.Td>
            <Table.Td data-empty={step.gates.length === 0}>
              {step.gates.map(({ gate, passed }) => (
                <Status key={gate} status={passed ? 'succeeded' : 'failed'} label={gate} />
              ))}
            </Table.Td>
            <Table.Td data-empty={step.startedAt === undefined}>
              <Time at={step.startedAt} />
            </Table.Td>
            <Table.Td data-empty={step.startedAt === undefined}>
              <Duration from={step.startedAt} to={step.endedAt} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

const SHOWN_CHILDREN = 20;

export function Children({ step: { children } }: { readonly step: StepView }) {
  return (
    <>
      {children.slice(0, SHOWN_CHILDREN).map((child) => (
        <Anchor key={child.runId} component={Link} to={`/runs/${encodeURIComponent(child.runId)}`} size="sm">
          <Status status={child.status} label={`${child.block === '' ? child.workflow : child.block} (${child.task})`} />
        </Anchor>
      ))}
      {children.length > SHOWN_CHILDREN && (
        <Text size="xs" c="dimmed">
          and {children.length - SHOWN_CHILDREN} more
        </Text>
      )}
    </>
  );
}

function workOf({ agent, tasks, tasksSucceeded, tasksFailed, attempts, iteration }: StepView): string {
  return [
    agent,
    tasks > 1 ? `${tasksSucceeded} of ${tasks} tasks done${tasksFailed > 0 ? `, ${tasksFailed} failed` : ''}` : '',
    attempts > 1 ? counted(attempts, 'attempt') : '',
    iteration > 1 ? `${iteration} times` : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}
