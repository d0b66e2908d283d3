import { Anchor, Code, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { approve, delegateApproval, type ApprovalView } from '@tutti/rest-contract';
import { IconCheck, IconUserShare, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { useHttp } from '../../api/http-context.js';
import { queries } from '../../api/queries.js';
import { useSession } from '../../session/session-context.js';
import { useRefusal } from '../../session/use-may.js';
import { ActionButton } from '../../ui/action-button.js';
import { CopyIcon } from '../../ui/copy-text.js';
import { LoadState } from '../../ui/load-state.js';
import { Status } from '../../ui/status.js';
import { Time } from '../../ui/time.js';
import { ValueView } from '../../ui/value-view.js';
import { ApprovalEvidence } from './approval-evidence.js';
import { approversText, refusalFor } from './approval-rights.js';
import { DecisionDialog } from './decision-dialog.js';
import { DelegateDialog } from './delegate-dialog.js';

const SHORT_HASH = 12;

/** What is asked, whole, and the decision: it holds for exactly the value whose hash is shown. */
export function ApprovalCard({ approval }: { readonly approval: ApprovalView }) {
  // Lists leave the payload out.
  const whole = useQuery(queries.approval(useHttp(), approval.id));
  const isPending = approval.status === 'pending';
  const title = approval.title === '' ? approval.gate : approval.title;
  return (
    <Paper withBorder radius="md" p={{ base: 'md', sm: 'lg' }} component="article" aria-label={`Approval: ${title}`}>
      <Stack gap="sm">
        <Group justify="space-between" gap="sm" align="flex-start">
          <div style={{ minWidth: 0, flex: '1 1 16rem' }}>
            <Title order={2} size="h3" style={{ overflowWrap: 'anywhere' }}>
              <Anchor component={Link} to={`/approvals/${encodeURIComponent(approval.id)}`} inherit c="inherit" data-row>
                {title}
              </Anchor>
            </Title>
            <Origin approval={approval} />
          </div>
          <Status status={isPending ? 'awaiting-approval' : approval.status} />
        </Group>
        {whole.data === undefined ? (
          <LoadState of={whole} lines={4} />
        ) : (
          <ValueView value={whole.data.payload ?? null} label={`what ${title} shows`} />
        )}
        <ApprovalEvidence approval={approval} />
        <Group gap={2} wrap="nowrap">
          <Text size="xs" c="dimmed">
            A decision holds for exactly this value, SHA-256{' '}
            <Code title={approval.payloadHash} data-hash>
              {approval.payloadHash.slice(0, SHORT_HASH)}…
            </Code>
          </Text>
          <CopyIcon value={approval.payloadHash} label="the hash" />
        </Group>
        {!isPending && approval.decidedAt !== undefined && (
          <Text size="sm">
            Decided by {approval.decidedBy} <Time at={approval.decidedAt} />
            {approval.reason === '' ? '' : `: ${approval.reason}`}
          </Text>
        )}
        {isPending && <Decide approval={whole.data ?? null} listed={approval} />}
      </Stack>
    </Paper>
  );
}

function Origin({ approval }: { readonly approval: ApprovalView }) {
  return (
    <Text size="sm" c="dimmed" component="div">
      step {approval.step} of{' '}
      <Anchor
        component={Link}
        to={`/runs/${encodeURIComponent(approval.runId)}?step=${encodeURIComponent(approval.step)}`}
        underline="always"
        inherit
      >
        {approval.workflow}
      </Anchor>
      {approval.path.length > 1 && (
        <>
          {' '}
          in{' '}
          <Anchor component={Link} to={`/runs/${encodeURIComponent(approval.rootRunId)}`} underline="always" inherit>
            {approval.path.map(({ workflow }) => workflow).join(' / ')}
          </Anchor>
        </>
      )}
      , asked <Time at={approval.requestedAt} />
      {approval.expiresAt !== undefined && approval.status === 'pending' && (
        <>
          , expires <Time at={approval.expiresAt} />
        </>
      )}
    </Text>
  );
}

interface DecideProps {
  /** As it is shown; null while its value is not there yet. */
  readonly approval: ApprovalView | null;
  readonly listed: ApprovalView;
}

function Decide({ approval, listed }: DecideProps) {
  const { caller } = useSession();
  const [open, setOpen] = useState<'approve' | 'reject' | 'delegate' | null>(null);
  const lacks = useRefusal(approve);
  const lacksDelegate = useRefusal(delegateApproval);
  const barred = refusalFor(listed, caller.actor);
  const refusal = lacks ?? barred ?? (approval === null ? 'What is to be approved is not here yet' : null);
  const close = (): void => setOpen(null);
  return (
    <Group justify="space-between" gap="sm">
      <Text size="sm" c="dimmed" flex="1 1 14rem">
        {approversText(listed)}
        {listed.approvedBy.length > 0 ? ` Approved so far by ${listed.approvedBy.join(', ')}.` : ''}
        {(lacks ?? barred) === null ? '' : ` ${lacks ?? barred}.`}
      </Text>
      <Group gap={8}>
        <ActionButton
          size="xs"
          variant="subtle"
          color="gray"
          refusal={lacksDelegate}
          leftSection={<IconUserShare size={15} aria-hidden />}
          onClick={() => setOpen('delegate')}
        >
          Delegate
        </ActionButton>
        <ActionButton
          size="xs"
          variant="default"
          refusal={refusal}
          leftSection={<IconX size={15} aria-hidden />}
          onClick={() => setOpen('reject')}
        >
          Reject
        </ActionButton>
        <ActionButton size="xs" refusal={refusal} leftSection={<IconCheck size={15} aria-hidden />} onClick={() => setOpen('approve')}>
          Approve
        </ActionButton>
      </Group>
      {(open === 'approve' || open === 'reject') && approval !== null && (
        <DecisionDialog approval={approval} isApproval={open === 'approve'} onClose={close} />
      )}
      {open === 'delegate' && <DelegateDialog approval={listed} onClose={close} />}
    </Group>
  );
}
