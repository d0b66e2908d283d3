import { Badge, Button, Code, Group, Progress, Table, Text } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconRobot } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { changes } from '../../api/changes.js';
import { useHttp } from '../../api/http-context.js';
import { MAX_RUNS_FOR_LOAD, queries } from '../../api/queries.js';
import type { AgentView } from '../../api/views.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import { EmptyState } from '../../ui/empty-state.js';
import { LoadState } from '../../ui/load-state.js';
import { PageHeader } from '../../ui/page-header.js';
import { Status } from '../../ui/status.js';
import classes from '../../ui/table.module.css';

const LOAD_EVERY_MS = 5_000;

export function AgentsPage() {
  const http = useHttp();
  const answer = useQuery(queries.agents(http));
  const load = useQuery({ ...queries.load(http), refetchInterval: LOAD_EVERY_MS });
  const [changing, setChanging] = useState<AgentView | null>(null);
  return (
    <>
      <PageHeader title="Agents" />
      <LoadState of={answer} />
      {answer.data?.length === 0 && (
        <EmptyState icon={IconRobot} title="No agent is registered">
          Name a package or a folder of agents in <Code>tutti.yaml</Code> under <Code>workers</Code>, or write a project with{' '}
          <Code>tutti new</Code>. Tasks wait until an agent has their capability.
        </EmptyState>
      )}
      {answer.data !== undefined && answer.data.length > 0 && (
        <>
          <Table className={classes['cards'] ?? ''} aria-label="Agents" verticalSpacing="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Agent</Table.Th>
                <Table.Th>Status</Table.Th>
                <Table.Th>Tasks now</Table.Th>
                <Table.Th>Capabilities</Table.Th>
                <Table.Th aria-label="Change" />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {answer.data.map((agent) => (
                <AgentRow
                  key={agent.profile.name}
                  agent={agent}
                  tasks={load.data?.byAgent[agent.profile.name] ?? 0}
                  onChange={() => setChanging(agent)}
                />
              ))}
            </Table.Tbody>
          </Table>
          {load.data?.partial === true && (
            <Text size="xs" c="dimmed" mt="xs">
              Tasks are counted over the {MAX_RUNS_FOR_LOAD} newest running runs; there are more.
            </Text>
          )}
        </>
      )}
      {changing !== null && <AgentDialog agent={changing} onClose={() => setChanging(null)} />}
    </>
  );
}

interface AgentRowProps {
  readonly agent: AgentView;
  readonly tasks: number;
  readonly onChange: () => void;
}

function AgentRow({ agent: { profile, status }, tasks, onChange }: AgentRowProps) {
  const seats = profile.limits?.concurrency ?? 0;
  const isPaused = status === 'paused';
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={600}>
          {profile.name}{' '}
          <Text span size="sm" c="dimmed" fw={400}>
            {profile.version}
          </Text>
        </Text>
        <Text size="xs" c="dimmed" maw={420}>
          {profile.description === '' ? profile.role : profile.description}
        </Text>
      </Table.Td>
      <Table.Td>
        <Status status={status} />
      </Table.Td>
      <Table.Td>
        <Text size="sm">{seats > 0 ? `${tasks} of ${seats}` : tasks}</Text>
        {seats > 0 && <Progress value={(tasks / seats) * 100} size="sm" w={96} aria-label={`Load of ${profile.name}`} />}
      </Table.Td>
      <Table.Td>
        <Group gap={4}>
          {profile.capabilities.map((capability) => (
            <Badge key={capability} variant="default" tt="none" fw={500} radius="sm">
              {capability}
            </Badge>
          ))}
        </Group>
      </Table.Td>
      <Table.Td>
        {status !== 'deregistered' && (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={isPaused ? <IconPlayerPlay size={14} aria-hidden /> : <IconPlayerPause size={14} aria-hidden />}
            aria-label={`${isPaused ? 'Resume' : 'Pause'} ${profile.name}`}
            onClick={onChange}
          >
            {isPaused ? 'Resume' : 'Pause'}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function AgentDialog({ agent: { profile, status }, onClose }: { readonly agent: AgentView; readonly onClose: () => void }) {
  const http = useHttp();
  const client = useQueryClient();
  const isPaused = status === 'paused';
  return (
    <ConfirmDialog
      title={`${isPaused ? 'Resume' : 'Pause'} ${profile.name}`}
      text={isPaused ? 'It gets tasks again.' : 'It gets no new tasks. What it has in hand it ends.'}
      confirm={isPaused ? 'Resume the agent' : 'Pause the agent'}
      onConfirm={async (reason) => {
        await (isPaused ? changes.resumeAgent(http, profile.name, reason) : changes.pauseAgent(http, profile.name, reason));
        await client.invalidateQueries({ queryKey: ['agents'] });
      }}
      onClose={onClose}
    />
  );
}
