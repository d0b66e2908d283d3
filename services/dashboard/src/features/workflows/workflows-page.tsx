import { Anchor, Button, Code, Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { IconArrowsSplit2, IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useHttp } from '../../api/http-context.js';
import { queries } from '../../api/queries.js';
import type { WorkflowView } from '../../api/views.js';
import { EmptyState } from '../../ui/empty-state.js';
import { counted } from '../../ui/format.js';
import { LoadState } from '../../ui/load-state.js';
import { PageHeader } from '../../ui/page-header.js';
import { Time } from '../../ui/time.js';

export function WorkflowsPage() {
  const answer = useQuery(queries.workflows(useHttp()));
  return (
    <>
      <PageHeader title="Workflows" />
      <LoadState of={answer} />
      {answer.data?.length === 0 && (
        <EmptyState icon={IconArrowsSplit2} title="No workflow is registered">
          Register one with <Code>tutti workflows register</Code>, or put its file into a folder that <Code>workflowFolders</Code> names.
        </EmptyState>
      )}
      <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }} spacing="md">
        {answer.data?.map((workflow) => (
          <WorkflowCard key={workflow.name} workflow={workflow} />
        ))}
      </SimpleGrid>
    </>
  );
}

function WorkflowCard({ workflow: { name, version, description, definition, registeredAt } }: { readonly workflow: WorkflowView }) {
  const steps = Object.keys((definition['steps'] as object | undefined) ?? {}).length;
  const path = `/workflows/${encodeURIComponent(name)}`;
  return (
    <Paper withBorder radius="md" p="md" component="article" aria-label={name}>
      <Stack gap="xs" h="100%">
        <Title order={2} size="h5" style={{ overflowWrap: 'anywhere' }}>
          <Anchor component={Link} to={path} inherit>
            {name}
          </Anchor>
        </Title>
        <Text size="sm" lineClamp={3} flex={1}>
          {description}
        </Text>
        <Group justify="space-between" gap="xs">
          <Text size="xs" c="dimmed">
            version {version}
            {steps > 0 ? `, ${counted(steps, 'step')}` : ''}, <Time at={registeredAt} />
          </Text>
          <Button
            component={Link}
            to={`${path}/start`}
            size="compact-sm"
            variant="default"
            leftSection={<IconPlayerPlay size={14} aria-hidden />}
            aria-label={`Start ${name}`}
          >
            Start
          </Button>
        </Group>
      </Stack>
    </Paper>
  );
}
