import { Anchor } from '@mantine/core';
import { IconMapOff } from '@tabler/icons-react';
import { Link } from 'react-router';
import { EmptyState } from '../ui/empty-state.js';

export function NotFoundPage() {
  return (
    <EmptyState icon={IconMapOff} title="There is no such page">
      The address may be mistyped. Go on from the{' '}
      <Anchor component={Link} to="/runs" underline="always">
        list of runs
      </Anchor>
      .
    </EmptyState>
  );
}
