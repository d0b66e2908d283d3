import { Code, SegmentedControl, Stack } from '@mantine/core';
import { IconChecks } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { useHttp } from '../../api/http-context.js';
import { queries } from '../../api/queries.js';
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
  const status = asked === 'all' ? '' : STATUSES.some(({ value }) => value === asked) ? asked : 'pending';
  const answer = useInfiniteQuery(queries.approvals(useHttp(), status));
  const approvals = answer.data?.pages.flatMap((page) => page.approvals) ?? [];
  return (
    <>
      <PageHeader
        title="Approvals"
        actions={
          <SegmentedControl
            aria-label="Which approvals"
            data={STATUSES}
            value={status}
            onChange={(value) => setParameters(value === 'pending' ? {} : { status: value === '' ? 'all' : value }, { replace: true })}
          />
        }
      />
      <LoadState of={answer} />
      {answer.isSuccess && approvals.length === 0 && (
        <EmptyState icon={IconChecks} title={status === 'pending' ? 'Nothing waits for a decision' : 'There are none'}>
          When a step has a gate of type <Code>approval</Code>, its run waits here until somebody approves or rejects what it shows.
        </EmptyState>
      )}
      <Stack gap="md">
        {approvals.map((approval) => (
          <ApprovalCard key={approval.id} approval={approval} />
        ))}
      </Stack>
      <MoreButton {...answer} />
    </>
  );
}
