import { Button, Center, Skeleton, Stack } from '@mantine/core';
import { ProblemAlert } from './problem-alert.js';

interface Loading {
  readonly isPending: boolean;
  readonly error: unknown;
  readonly refetch: () => unknown;
}

/** While a list is not there yet, and when it does not come; null once it is there. */
export function LoadState({ of }: { readonly of: Loading }) {
  if (of.error !== null) return <ProblemAlert error={of.error} onRetry={() => void of.refetch()} />;
  if (!of.isPending) return null;
  return (
    <Stack gap="xs" aria-busy aria-label="Loading">
      {[1, 2, 3, 4].map((line) => (
        <Skeleton key={line} height={36} radius="sm" />
      ))}
    </Stack>
  );
}

interface MoreProps {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => unknown;
}

export function MoreButton({ hasNextPage, isFetchingNextPage, fetchNextPage }: MoreProps) {
  if (!hasNextPage) return null;
  return (
    <Center mt="md">
      <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
        Show more
      </Button>
    </Center>
  );
}
