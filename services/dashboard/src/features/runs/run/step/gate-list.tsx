import { Anchor, Group, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import { words } from '../../../../ui/format.js';
import { Status } from '../../../../ui/status.js';
import { Time } from '../../../../ui/time.js';
import { ValueView } from '../../../../ui/value-view.js';
import type { Attempt, GateVerdict } from '../run-story.js';
import { Nothing } from './step-values.js';

interface GateListProps {
  readonly gates: readonly GateVerdict[];
  /** What people were asked for this step. */
  readonly asked: readonly Attempt[];
}

/** Verdicts with their evidence, and what still waits for somebody. */
export function GateList({ gates, asked }: GateListProps) {
  const open = asked.filter(({ endedAt }) => endedAt === undefined);
  if (gates.length === 0 && open.length === 0) return <Nothing text="No gate has been evaluated." />;
  return (
    <Stack gap="lg">
      {open.map((one) => (
        <Stack key={one.task} gap={4}>
          <Status status="awaiting-approval" label={one.message} />
          <Text size="sm" c="dimmed">
            Asked <Time at={one.scheduledAt} />.{' '}
            <Anchor component={Link} to="/approvals" inherit underline="always">
              Open the approvals
            </Anchor>
          </Text>
        </Stack>
      ))}
      {gates.map((gate) => (
        <Stack key={`${gate.gate} ${gate.at}`} gap={6}>
          <Group gap="2px 12px">
            <Status status={gate.passed ? 'succeeded' : 'failed'} label={gate.passed ? 'Passed' : 'Failed'} />
            <Text span size="sm" fw={600}>
              {gate.gate}
            </Text>
            <Text span size="xs" c="dimmed">
              {gate.type}, <Time at={gate.at} />
              {gate.passed ? '' : `, then ${words(gate.action).toLowerCase()}`}
            </Text>
          </Group>
          {gate.message !== '' && <Text size="sm">{gate.message}</Text>}
          <ValueView value={gate.evidence} label={`evidence of ${gate.gate}`} />
        </Stack>
      ))}
    </Stack>
  );
}
