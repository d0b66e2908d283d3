import { SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { hasEnded, type RunView } from '@tutti/rest-contract';
import { StoredView, ValueView } from '../../../ui/value-view.js';
import type { RunStory } from './run-story.js';

export function RunInputs({ run, story }: { readonly run: RunView; readonly story: RunStory }) {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <Stack gap="xs" style={{ minWidth: 0 }}>
        <Title order={2} size="h5">
          Inputs
        </Title>
        {story.inputs === undefined ? <Skeleton height={80} /> : <StoredView value={story.inputs} label="inputs of the run" />}
      </Stack>
      <Stack gap="xs" style={{ minWidth: 0 }}>
        <Title order={2} size="h5">
          Outputs
        </Title>
        {run.status === 'succeeded' ? (
          <ValueView value={run.outputs ?? null} label="outputs of the run" />
        ) : (
          <Text size="sm" c="dimmed">
            {hasEnded(run) ? 'It ended without outputs.' : 'There are outputs when the run has succeeded.'}
          </Text>
        )}
      </Stack>
      {Object.keys(story.variables).length > 0 && (
        <Stack gap="xs" style={{ minWidth: 0 }}>
          <Title order={2} size="h5">
            Variables that were set
          </Title>
          <ValueView value={story.variables} label="variables of the run" />
        </Stack>
      )}
    </SimpleGrid>
  );
}
