import { Button, Center, Group, Skeleton, Stack } from '@mantine/core';
import { ProblemAlert } from './problem-alert.js';

interface Loading {
  readonly isPending: boolean;
  readonly error: unknown;
  readonly refetch: () => unknown;
}

/** While a list is not there yet, and when it does not come; null once it is there. */
export function LoadState({ of, lines = 6 }: { readonly of: Loading; readonly lines?: number }) {
  if (of.error !== null) return <ProblemAlert error={of.error} onRetry={() => void of.refetch()} />;
  return of.isPending ? <Lines count={lines} /> : null;
}

/** In the shape of a page, so that little moves when it comes. */
export function PageSkeleton() {
  return (
    <Stack gap="lg" aria-busy aria-label="Loading">
      <Group justify="space-between">
        <Skeleton height={30} width={180} />
        <Skeleton height={32} width={110} />
      </Group>
      <Lines count={8} />
    </Stack>
  );
}

function Lines({ count }: { readonly count: number }) {
  return (
    <Stack gap="sm" aria-busy aria-label="Loading">
      {Array.from({ length: count }, (_, line) => (
        <Skeleton key={line} height={28} radius="sm" width={`${100 - (line % 3) * 8}%`} />
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
      <Button variant="default" size="xs" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
        Show more
      </Button>
    </Center>
  );
}
