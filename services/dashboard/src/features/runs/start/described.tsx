import { Text } from '@mantine/core';

/** What a group of fields is for, and what is wrong with it as a whole. */
export function Described({ text, problem }: { readonly text: string; readonly problem: string | undefined }) {
  return (
    <>
      {text !== '' && (
        <Text size="xs" c="dimmed" mb="xs">
          {text}
        </Text>
      )}
      {problem !== undefined && (
        <Text size="xs" c="var(--mantine-color-error)" mb="xs" role="alert">
          {problem}
        </Text>
      )}
    </>
  );
}
