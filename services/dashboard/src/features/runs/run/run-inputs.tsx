import { SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { hasEnded, type RunView } from '../../../api/views.js';
import { JsonView, StoredView } from '../../../ui/json-view.js';
import type { RunStory } from './run-story.js';

export function RunInputs({ run, story }: { readonly run: RunView; readonly story: RunStory }) {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <Stack gap="xs" style={{ minWidth: 0 }}>
        <Title order={2} size="h5">
          Inputs
        </Title>
        {story.inputs === undefined ? <Text size="sm">Not read yet.</Text> : <StoredView value={story.inputs} label="inputs of the run" />}
      </Stack>
      <Stack gap="xs" style={{ minWidth: 0 }}>
        <Title order={2} size="h5">
          Outputs
        </Title>
        {run.status === 'succeeded' ? (
          <JsonView value={run.outputs ?? null} label="outputs of the run" />
        ) : (
          <Text size="sm" c="dimmed">
            {hasEnded(run.status) ? 'It ended without outputs.' : 'There are outputs when the run has succeeded.'}
          </Text>
        )}
      </Stack>
    </SimpleGrid>
  );
}
