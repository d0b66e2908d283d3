import { Stack, Text, Title } from '@mantine/core';
import { StoredView } from '../../../../ui/value-view.js';
import type { Attempt } from '../run-story.js';

interface StepValuesProps {
  readonly attempts: readonly Attempt[];
  readonly output: unknown;
  readonly isEnded: boolean;
  /** The step is done for a list: each item has an input of its own. */
  readonly isList: boolean;
}

export function StepValues({ attempts, output, isEnded, isList }: StepValuesProps) {
  const input = attempts.at(-1)?.input;
  return (
    <Stack gap="sm">
      <Title order={3} size="h5">
        {isList ? 'Input of the newest item' : 'Input'}
      </Title>
      {input === undefined ? <Nothing text="It has not been scheduled." /> : <StoredView value={input} label="input of the step" />}
      {isList && <Nothing text="Every item’s input and output stand under Attempts." />}
      <Title order={3} size="h5">
        Output
      </Title>
      {output === undefined || (isList && !isEnded) ? (
        <Nothing text={isEnded ? 'It ended without an output.' : 'There is an output when it has succeeded.'} />
      ) : (
        <StoredView value={output} label="output of the step" />
      )}
    </Stack>
  );
}

export function Nothing({ text }: { readonly text: string }) {
  return (
    <Text size="sm" c="dimmed">
      {text}
    </Text>
  );
}
