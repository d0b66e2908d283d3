import { Anchor, Button, Group, Stack, Table, Text, TextInput } from '@mantine/core';
import type { StepView } from '@tutti/rest-contract';
import { IconSearch } from '@tabler/icons-react';
import { memo, useState } from 'react';
import { Link } from 'react-router';
import { counted, words } from '../../../ui/format.js';
import { Status } from '../../../ui/status.js';
import classes from '../../../ui/table.module.css';
import { Duration, Time } from '../../../ui/time.js';

const PAGE = 100;
/** From so many steps on there is a search. */
const MANY = 20;

interface StepTableProps {
  readonly steps: readonly StepView[];
  readonly onOpen: (step: string) => void;
}

export function StepTable({ steps, onOpen }: StepTableProps) {
  const [text, setText] = useState('');
  const [shown, setShown] = useState(PAGE);
  const wanted = text.trim().toLowerCase();
  const found = steps.filter(({ id, name, status, agent }) => `${id} ${name} ${status} ${agent}`.toLowerCase().includes(wanted));
  return (
    <Stack gap="xs">
      {steps.length > MANY && (
        <Group gap={8}>
          <TextInput
            size="xs"
            aria-label="Search the steps"
            placeholder="Search name, status, agent"
            leftSection={<IconSearch size={15} aria-hidden />}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            flex="0 1 20rem"
          />
          <Text size="xs" c="dimmed" aria-live="polite">
            {found.length} of {counted(steps.length, 'step')}
          </Text>
        </Group>
      )}
      <Table className={`${classes['table']} ${classes['cards']}`} aria-label="Steps" verticalSpacing={7}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w="28%">Step</Table.Th>
            <Table.Th w={170}>Status</Table.Th>
            <Table.Th>Work</Table.Th>
            <Table.Th>Gates</Table.Th>
            <Table.Th ta="right">Started</Table.Th>
            <Table.Th ta="right">Took</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {found.slice(0, shown).map((step) => (
            <Row key={step.id} step={step} onOpen={onOpen} />
          ))}
        </Table.Tbody>
      </Table>
      {found.length > shown && (
        <Button variant="default" size="xs" onClick={() => setShown(shown + PAGE)} style={{ alignSelf: 'center' }}>
          Show {Math.min(PAGE, found.length - shown)} more
        </Button>
      )}
    </Stack>
  );
}

const Row = memo(function Row({ step, onOpen }: { readonly step: StepView; readonly onOpen: (step: string) => void }) {
  return (
    <Table.Tr>
      <Table.Td data-cell="name">
        <Anchor
          component="button"
          type="button"
          data-row
          size="sm"
          fw={600}
          ta="left"
          c="inherit"
          className={classes['whole'] ?? ''}
          style={{ overflowWrap: 'anywhere' }}
          onClick={() => onOpen(step.id)}
        >
          {step.name === '' ? step.id : step.name}
        </Anchor>
      </Table.Td>
      <Table.Td data-cell="status">
        <Status status={step.status} />
      </Table.Td>
      <Table.Td data-cell="wide" data-empty={workOf(step) === '' && step.children.length === 0 && awaitedText(step) === null}>
        <Stack gap={2} className={classes['above']}>
          {workOf(step) !== '' && <Text size="sm">{workOf(step)}</Text>}
          <Awaited step={step} />
          <Children step={step} shown={SHOWN_IN_ROW} />
        </Stack>
      </Table.Td>
      <Table.Td data-cell="wide" data-empty={step.gates.length === 0}>
        <Group gap="2px 12px">
          {step.gates.map(({ gate, passed }) => (
            <Status key={gate} status={passed ? 'succeeded' : 'failed'} label={gate} />
          ))}
        </Group>
      </Table.Td>
      <Table.Td className={classes['end'] ?? ''} data-empty={step.startedAt === undefined}>
        <span className={classes['above']}>
          <Time at={step.startedAt} />
        </span>
      </Table.Td>
      <Table.Td className={classes['end'] ?? ''} data-cell="end" data-empty={step.startedAt === undefined}>
        <Duration from={step.startedAt} to={step.endedAt} />
      </Table.Td>
    </Table.Tr>
  );
});

/** In words what the step waits for; null when it is a run of its own, which is linked. */
function awaitedText({ awaited, skipReason }: StepView): string | null {
  if (skipReason !== '') return skipReason;
  if (awaited === undefined || awaited.kind.startsWith('child')) return null;
  return `waits for ${words(awaited.kind).toLowerCase()} ${awaited.what}`.trim();
}

export function Awaited({ step }: { readonly step: StepView }) {
  const text = awaitedText(step);
  if (text === null) return null;
  return (
    <Text size="xs" c="dimmed">
      {text}
      {step.awaited?.until !== undefined && (
        <>
          {' '}
          until <Time at={step.awaited.until} />
        </>
      )}
    </Text>
  );
}

const SHOWN_IN_ROW = 3;

export function Children({ step: { children }, shown }: { readonly step: StepView; readonly shown: number }) {
  return (
    <>
      {children.slice(0, shown).map((child) => (
        <Anchor key={child.runId} component={Link} to={`/runs/${encodeURIComponent(child.runId)}`} size="sm">
          <Status status={child.status} label={`${child.block === '' ? child.workflow : child.block} (${child.task})`} />
        </Anchor>
      ))}
      {children.length > shown && (
        <Text size="xs" c="dimmed">
          and {counted(children.length - shown, 'more run')}
        </Text>
      )}
    </>
  );
}

function workOf({ agent, tasks, tasksSucceeded, tasksFailed, attempts, iteration, status, awaited }: StepView): string {
  const isList = tasks > 1;
  return [
    agent,
    isList ? `${tasksSucceeded} of ${tasks} done${tasksFailed > 0 ? `, ${tasksFailed} failed` : ''}` : '',
    attempts > (isList ? tasks : 1) ? counted(attempts, 'attempt') : '',
    iteration > 1 ? `${iteration} times` : '',
    status === 'waiting' && agent === '' && tasks > 0 && awaited === undefined ? 'waits for an agent' : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}
