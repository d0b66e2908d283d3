import { Anchor, Badge, Code, Group, Progress, Stack, Table, Text } from '@mantine/core';
import { pauseAgent, resumeAgent, type AgentView, type TaskView } from '@tutti/rest-contract';
import { IconPlayerPause, IconPlayerPlay, IconRobot } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { useHttp } from '../../api/http-context.js';
import { queries } from '../../api/queries.js';
import { MAX_RUNS_FOR_LOAD } from '../../api/tasks-in-hand.js';
import { useRefusal } from '../../session/use-may.js';
import { ActionButton } from '../../ui/action-button.js';
import { CommandText } from '../../ui/command-text.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import { EmptyState } from '../../ui/empty-state.js';
import { counted } from '../../ui/format.js';
import { LoadState } from '../../ui/load-state.js';
import { PageHeader } from '../../ui/page-header.js';
import { Status } from '../../ui/status.js';
import classes from '../../ui/table.module.css';

const LOAD_EVERY_MS = 5_000;
const SHOWN_TASKS = 3;

export function AgentsPage() {
  const http = useHttp();
  const answer = useQuery(queries.agents(http));
  const load = useQuery({ ...queries.load(http), refetchInterval: LOAD_EVERY_MS });
  const [changing, setChanging] = useState<AgentView | null>(null);
  return (
    <>
      <PageHeader title="Agents" />
      <LoadState of={answer} lines={10} />
      {answer.data?.length === 0 && (
        <EmptyState icon={IconRobot} title="No agent is registered">
          Name a package or a folder of agents in <Code>tutti.yaml</Code> under <Code>workers</Code>, or begin a project that has one. Tasks
          wait until an agent has their capability.
          <CommandText command="npx tutti new my-project" />
        </EmptyState>
      )}
      {answer.data !== undefined && answer.data.length > 0 && (
        <>
          <Table className={`${classes['table']} ${classes['cards']}`} aria-label="Agents" verticalSpacing={8}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Agent</Table.Th>
                <Table.Th w={110}>Status</Table.Th>
                <Table.Th>Now</Table.Th>
                <Table.Th>Capabilities</Table.Th>
                <Table.Th aria-label="Change" />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {answer.data.map((agent) => (
                <AgentRow
                  key={agent.profile.name}
                  agent={agent}
                  tasks={load.data?.byAgent[agent.profile.name] ?? []}
                  onChange={() => setChanging(agent)}
                />
              ))}
            </Table.Tbody>
          </Table>
          {load.data?.partial === true && (
            <Text size="xs" c="dimmed" mt="xs">
              Tasks are those of the {MAX_RUNS_FOR_LOAD} newest running runs; there are more.
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
  readonly tasks: readonly TaskView[];
  readonly onChange: () => void;
}

function AgentRow({ agent: { profile, status }, tasks, onChange }: AgentRowProps) {
  const isPaused = status === 'paused';
  const refusal = useRefusal(isPaused ? resumeAgent : pauseAgent);
  return (
    <Table.Tr>
      <Table.Td data-cell="name">
        <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
          {profile.name}{' '}
          <Text span size="xs" c="dimmed" fw={400}>
            {profile.version}
          </Text>
        </Text>
        <Text size="xs" c="dimmed" maw={420}>
          {profile.description === '' ? profile.role : profile.description}
        </Text>
      </Table.Td>
      <Table.Td data-cell="status">
        <Status status={status} />
      </Table.Td>
      <Table.Td data-cell="wide">
        <Now tasks={tasks} seats={profile.limits?.concurrency ?? 0} name={profile.name} />
      </Table.Td>
      <Table.Td data-cell="wide">
        <Group gap={4}>
          {profile.capabilities.map((capability) => (
            <Badge key={capability} variant="default" tt="none" fw={500} radius="sm" size="sm" maw="100%" title={capability}>
              {capability}
            </Badge>
          ))}
        </Group>
      </Table.Td>
      <Table.Td className={classes['end'] ?? ''} data-cell="wide">
        {status !== 'deregistered' && (
          <ActionButton
            size="compact-sm"
            variant="default"
            refusal={refusal}
            leftSection={isPaused ? <IconPlayerPlay size={14} aria-hidden /> : <IconPlayerPause size={14} aria-hidden />}
            aria-label={`${isPaused ? 'Resume' : 'Pause'} ${profile.name}`}
            onClick={onChange}
          >
            {isPaused ? 'Resume' : 'Pause'}
          </ActionButton>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

interface NowProps {
  readonly tasks: readonly TaskView[];
  readonly seats: number;
  readonly name: string;
}

/** What it does now, and how much room there is. */
function Now({ tasks, seats, name }: NowProps) {
  return (
    <Stack gap={2}>
      <Group gap={8} wrap="nowrap">
        <Text size="sm" style={{ whiteSpace: 'nowrap' }}>
          {seats > 0 ? `${tasks.length} of ${seats}` : tasks.length}
        </Text>
        {seats > 0 && <Progress value={(tasks.length / seats) * 100} size="sm" w={72} aria-label={`Load of ${name}`} />}
      </Group>
      {tasks.slice(0, SHOWN_TASKS).map(({ id, runId, step }) => (
        <Anchor
          key={`${runId} ${id}`}
          component={Link}
          to={`/runs/${encodeURIComponent(runId)}?step=${encodeURIComponent(step)}`}
          size="xs"
          style={{ overflowWrap: 'anywhere' }}
        >
          {id}
        </Anchor>
      ))}
      {tasks.length > SHOWN_TASKS && (
        <Text size="xs" c="dimmed">
          and {counted(tasks.length - SHOWN_TASKS, 'more task')}
        </Text>
      )}
    </Stack>
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
        await http.ask(isPaused ? resumeAgent : pauseAgent, { params: { name: profile.name }, body: { reason } });
        await client.invalidateQueries({ queryKey: ['agents'] });
      }}
      onClose={onClose}
    />
  );
}
