import { Anchor, Breadcrumbs, Button, Stack, Table, Text, Title } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearchParams } from 'react-router';
import { useHttp } from '../../api/http-context.js';
import { queries } from '../../api/queries.js';
import { startRun, type WorkflowView } from '@tutti/rest-contract';
import { useRefusal } from '../../session/use-may.js';
import { ActionButton } from '../../ui/action-button.js';
import { isJson } from '../../ui/json-text.js';
import { JsonView } from '../../ui/json-view.js';
import { LoadState } from '../../ui/load-state.js';
import { PageHeader } from '../../ui/page-header.js';
import classes from '../../ui/table.module.css';
import { Time } from '../../ui/time.js';

export function WorkflowPage() {
  const { name = '' } = useParams();
  const [parameters] = useSearchParams();
  const asked = Number(parameters.get('version') ?? 0);
  const http = useHttp();
  const answer = useQuery(queries.workflow(http, name, Number.isInteger(asked) ? asked : 0));
  const refusal = useRefusal(startRun);
  const workflow = answer.data;
  const path = `/workflows/${encodeURIComponent(name)}`;
  return (
    <>
      <PageHeader
        title={name}
        above={
          <Breadcrumbs separator="/" fz="sm" mb={4}>
            <Anchor component={Link} to="/workflows" inherit>
              Workflows
            </Anchor>
          </Breadcrumbs>
        }
        below={workflow?.description}
        actions={
          <>
            <Button component={Link} to={`/runs?workflow=${encodeURIComponent(name)}`} variant="default" size="xs">
              Its runs
            </Button>
            <ActionButton
              size="xs"
              refusal={refusal}
              to={asked > 0 ? `${path}/start?version=${asked}` : `${path}/start`}
              leftSection={<IconPlayerPlay size={15} aria-hidden />}
            >
              {asked > 0 ? `Start version ${asked}` : 'Start a run'}
            </ActionButton>
          </>
        }
      />
      <LoadState of={answer} />
      {workflow !== undefined && (
        <Stack gap="lg">
          <Versions name={name} shown={workflow.version} />
          <Stack gap="xs">
            <Title order={2} size="h4">
              Definition of version {workflow.version}
            </Title>
            <JsonView value={readable(workflow)} label={`definition of ${name} version ${workflow.version}`} />
          </Stack>
        </Stack>
      )}
    </>
  );
}

function Versions({ name, shown }: { readonly name: string; readonly shown: number }) {
  const answer = useQuery(queries.versions(useHttp(), name));
  if (answer.data === undefined) return <LoadState of={answer} />;
  return (
    <Table className={`${classes['table']} ${classes['cards']}`} aria-label="Versions" verticalSpacing={7}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Version</Table.Th>
          <Table.Th>Registered</Table.Th>
          <Table.Th>New runs</Table.Th>
          <Table.Th>Open runs</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {answer.data.map(({ version, registeredAt, isNewest, drained, share, openRuns, moreOpenRuns }) => (
          <Table.Tr key={version}>
            <Table.Td data-cell="name">
              <Anchor
                component={Link}
                to={`/workflows/${encodeURIComponent(name)}?version=${version}`}
                size="sm"
                fw={version === shown ? 700 : 500}
                aria-current={version === shown ? 'true' : undefined}
              >
                version {version}
                {isNewest ? ', the newest' : ''}
              </Anchor>
            </Table.Td>
            <Table.Td>
              <Time at={registeredAt} />
            </Table.Td>
            <Table.Td>
              <Text size="sm">{drained ? 'none: drained' : `${share} % of new runs`}</Text>
            </Table.Td>
            <Table.Td>
              <Text size="sm">
                {openRuns}
                {moreOpenRuns ? '+' : ''} open
              </Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** As it was written; what programs write as one line of JSON, indented. */
function readable({ source, definition }: WorkflowView): unknown {
  if (source === '') return definition;
  return isJson(source) ? (JSON.parse(source) as unknown) : source;
}
