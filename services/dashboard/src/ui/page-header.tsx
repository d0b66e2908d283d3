import { Box, Group, Text, Title } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import classes from './page-header.module.css';

interface PageHeaderProps {
  readonly title: string;
  readonly above?: ReactNode;
  readonly below?: ReactNode;
  /** At the right; under the title on a phone. */
  readonly actions?: ReactNode;
}

export function PageHeader({ title, above, below, actions }: PageHeaderProps) {
  useEffect(() => {
    document.title = `${title} · Tutti`;
  }, [title]);
  return (
    <Group justify="space-between" align="flex-start" gap="md" mb="md">
      <Box className={classes['title']}>
        {above}
        <Title order={1} style={{ overflowWrap: 'anywhere' }}>
          {title}
        </Title>
        {below !== undefined && (
          <Text component="div" size="sm" c="dimmed" mt={4}>
            {below}
          </Text>
        )}
      </Box>
      {actions !== undefined && <Group gap={8}>{actions}</Group>}
    </Group>
  );
}
