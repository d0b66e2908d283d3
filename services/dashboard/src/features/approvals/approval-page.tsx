import { Anchor } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { useHttp } from '../../api/http-context.js';
import { queries } from '../../api/queries.js';
import { LoadState } from '../../ui/load-state.js';
import { PageHeader } from '../../ui/page-header.js';
import { ApprovalCard } from './approval-card.js';

/** One approval, for links to it. */
export function ApprovalPage() {
  const { id = '' } = useParams();
  const answer = useQuery(queries.approval(useHttp(), id));
  const toAll = (
    <Anchor component={Link} to="/approvals" size="sm">
      Approvals
    </Anchor>
  );
  return (
    <>
      <PageHeader title="Approval" above={toAll} />
      <LoadState of={answer} />
      {answer.data !== undefined && <ApprovalCard approval={answer.data} />}
    </>
  );
}
