import { Anchor, Code, Table, Text, TextInput } from '@mantine/core';
import { startRun } from '@tutti/rest-contract';
import { IconArrowsSplit2, IconPlayerPlay, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { useHttp } from '../../api/http-context.js';
import { queries } from '../../api/queries.js';
import { useRowKeys, useShortcuts } from '../../keyboard/shortcuts.js';
import { useRefusal } from '../../session/use-may.js';
import { ActionButton } from '../../ui/action-button.js';
import { CommandText } from '../../ui/command-text.js';
import { EmptyState } from '../../ui/empty-state.js';
import { LoadState } from '../../ui/load-state.js';
import { PageHeader } from '../../ui/page-header.js';
import classes from '../../ui/table.module.css';
import { Time } from '../../ui/time.js';

const SEARCH_ID = 'workflow-search';

export function WorkflowsPage() {
  const answer = useQuery(queries.workflows(useHttp()));
  const [text, setText] = useState('');
  const refusal = useRefusal(startRun);
  useRowKeys('[data-row]');
  useShortcuts({ '/': () => document.getElementById(SEARCH_ID)?.focus() });
  const wanted = text.trim().toLowerCase();
  const found = (answer.data ?? []).filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(wanted));
  return (
    <>
      <PageHeader
        title="Workflows"
        actions={
          <TextInput
            id={SEARCH_ID}
            size="xs"
            aria-label="Search the workflows"
            placeholder="Search"
            leftSection={<IconSearch size={15} aria-hidden />}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        }
      />
      <LoadState of={answer} lines={10} />
      {answer.data?.length === 0 && (
        <EmptyState icon={IconArrowsSplit2} title="No workflow is registered">
          Put its file into a folder that <Code>workflowFolders</Code> names, or register it:
          <CommandText command="npx tutti workflow register my-workflow.yaml" />
        </EmptyState>
      )}
      {found.length > 0 && (
        <Table className={`${classes['table']} ${classes['cards']}`} aria-label="Workflows" verticalSpacing={8}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Workflow</Table.Th>
              <Table.Th>Description</Table.Th>
              <Table.Th ta="right">Version</Table.Th>
              <Table.Th ta="right">Registered</Table.Th>
              <Table.Th aria-label="Start" />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.map(({ name, version, description, registeredAt }) => (
              <Table.Tr key={name}>
                <Table.Td data-cell="name">
                  <Anchor
                    component={Link}
                    c="inherit"
                    to={`/workflows/${encodeURIComponent(name)}`}
                    className={classes['whole'] ?? ''}
                    data-row
                    size="sm"
                    fw={600}
                    style={{ overflowWrap: 'anywhere' }}
                  >
                    {name}
                  </Anchor>
                </Table.Td>
                <Table.Td data-cell="wide" data-empty={description === ''}>
                  <Text size="sm" c="dimmed" lineClamp={2} maw={640}>
                    {description}
                  </Text>
                </Table.Td>
                <Table.Td className={classes['end'] ?? ''} data-narrow="hidden">
                  {version}
                </Table.Td>
                <Table.Td className={classes['end'] ?? ''} data-narrow="hidden">
                  <span className={classes['above']}>
                    <Time at={registeredAt} />
                  </span>
                </Table.Td>
                <Table.Td className={classes['end'] ?? ''} data-cell="status">
                  <span className={classes['above']}>
                    <ActionButton
                      to={`/workflows/${encodeURIComponent(name)}/start`}
                      refusal={refusal}
                      size="compact-sm"
                      variant="default"
                      leftSection={<IconPlayerPlay size={14} aria-hidden />}
                      aria-label={`Start ${name}`}
                    >
                      Start
                    </ActionButton>
                  </span>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {answer.data !== undefined && answer.data.length > 0 && found.length === 0 && (
        <EmptyState icon={IconSearch} title="No workflow has this name">
          Change the text to see others.
        </EmptyState>
      )}
    </>
  );
}
