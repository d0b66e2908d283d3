import { Paper, Stack, Text, Title } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';

interface EmptyStateProps {
  readonly icon: Icon;
  readonly title: string;
  /** What to do next. */
  readonly children: ReactNode;
}

export function EmptyState({ icon: Shape, title, children }: EmptyStateProps) {
  return (
    <Paper withBorder p="lg" radius="md" bg="var(--tutti-sunken)">
      <Stack align="center" gap={8} py="xl" maw={560} mx="auto" ta="center">
        <Shape size={30} stroke={1.4} aria-hidden />
        <Title order={2} size="h4">
          {title}
        </Title>
        <Text component="div" size="sm" c="dimmed">
          {children}
        </Text>
      </Stack>
    </Paper>
  );
}
