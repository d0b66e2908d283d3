import { Anchor, Code, SegmentedControl, Stack, Text } from '@mantine/core';
import { IconChecks } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { useHttp } from '../../api/http-context.js';
import { queries } from '../../api/queries.js';
import { useRowKeys } from '../../keyboard/shortcuts.js';
import { CommandText } from '../../ui/command-text.js';
import { EmptyState } from '../../ui/empty-state.js';
import { LoadState, MoreButton } from '../../ui/load-state.js';
import { PageHeader } from '../../ui/page-header.js';
import { ApprovalCard } from './approval-card.js';

const STATUSES = [
  { value: 'pending', label: 'Waiting' },
  { value: 'approved', label: 'Approved' },
  { value: 'rejected', label: 'Rejected' },
  { value: '', label: 'All' },
];

export function ApprovalsPage() {
  const [parameters, setParameters] = useSearchParams();
  const asked = parameters.get('status') ?? 'pending';
  const run = parameters.get('run') ?? '';
  const status = asked === 'all' ? '' : STATUSES.some(({ value }) => value === asked) ? asked : 'pending';
  const answer = useInfiniteQuery(queries.approvals(useHttp(), status, run));
  const approvals = answer.data?.pages.flatMap((page) => page.approvals) ?? [];
  useRowKeys('[data-row]');
  const change = (value: string): void => {
    const next = { ...(value === 'pending' ? {} : { status: value === '' ? 'all' : value }), ...(run === '' ? {} : { run }) };
    setParameters(next, { replace: true });
  };
  return (
    <>
      <PageHeader
        title="Approvals"
        actions={<SegmentedControl size="xs" aria-label="Which approvals" data={STATUSES} value={status} onChange={change} />}
        below={
          run === '' ? undefined : (
            <>
              Of the run <Code>{run}</Code> and those below it.{' '}
              <Anchor component={Link} to="/approvals" inherit underline="always">
                Show all
              </Anchor>
            </>
          )
        }
      />
      <LoadState of={answer} />
      {answer.isSuccess && approvals.length === 0 && (
        <EmptyState icon={IconChecks} title={status === 'pending' ? 'Nothing waits for a decision' : 'There are none'}>
          When a step has a gate of type <Code>approval</Code>, its run waits here until somebody approves or rejects what it shows. In a
          terminal:
          <CommandText command="npx tutti approval list" />
        </EmptyState>
      )}
      <Stack gap="md">
        {approvals.map((approval) => (
          <ApprovalCard key={approval.id} approval={approval} />
        ))}
      </Stack>
      {approvals.length > 0 && (
        <Text size="xs" c="dimmed" mt="sm">
          Oldest first
        </Text>
      )}
      <MoreButton {...answer} />
    </>
  );
}
