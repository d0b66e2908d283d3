import { Anchor, Group, Text } from '@mantine/core';
import type { ApprovalView } from '@tutti/rest-contract';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useHttp } from '../../api/http-context.js';
import { queries } from '../../api/queries.js';
import { Status } from '../../ui/status.js';

/** What the step's other gates found, with the way to their evidence. */
export function ApprovalEvidence({ approval }: { readonly approval: ApprovalView }) {
  const { data } = useQuery(queries.run(useHttp(), approval.runId));
  const gates = data?.steps.find(({ id }) => id === approval.step)?.gates.filter(({ type }) => type !== 'approval') ?? [];
  if (gates.length === 0) return null;
  const to = `/runs/${encodeURIComponent(approval.runId)}?step=${encodeURIComponent(approval.step)}&view=gates`;
  return (
    <Group gap="4px 14px">
      <Text size="sm" c="dimmed">
        Gates of the step
      </Text>
      {gates.map(({ gate, passed }) => (
        <Status key={gate} status={passed ? 'succeeded' : 'failed'} label={`${gate} ${passed ? 'passed' : 'failed'}`} />
      ))}
      <Anchor component={Link} to={to} size="sm" underline="always">
        Evidence
      </Anchor>
    </Group>
  );
}
