import { Anchor, Button, Code, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { changes } from '../../api/changes.js';
import { useHttp } from '../../api/http-context.js';
import { queries } from '../../api/queries.js';
import type { ApprovalView } from '../../api/views.js';
import { useSession } from '../../session/session-context.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import { JsonView } from '../../ui/json-view.js';
import { LoadState } from '../../ui/load-state.js';
import { Status } from '../../ui/status.js';
import { Time } from '../../ui/time.js';
import { approversText, refusalFor } from './approval-rights.js';

const SHORT_HASH = 12;

/** What is asked, whole, and the decision: it holds for exactly the value whose hash is shown. */
export function ApprovalCard({ approval }: { readonly approval: ApprovalView }) {
  const { session } = useSession();
  const [decision, setDecision] = useState<boolean | null>(null);
  // Lists leave the payload out.
  const whole = useQuery(queries.approval(useHttp(), approval.id));
  const refusal = refusalFor(approval, session.actor);
  const isPending = approval.status === 'pending';
  return (
    <Paper withBorder radius="md" p={{ base: 'md', sm: 'lg' }} component="article" aria-label={`Approval: ${approval.title}`}>
      <Stack gap="sm">
        <Group justify="space-between" gap="sm" align="flex-start">
          <div style={{ minWidth: 0 }}>
            <Title order={2} size="h4">
              {approval.title === '' ? approval.gate : approval.title}
            </Title>
            <Text size="sm" c="dimmed">
              step {approval.step} of{' '}
              <Anchor
                component={Link}
                to={`/runs/${encodeURIComponent(approval.runId)}?step=${encodeURIComponent(approval.step)}`}
                underline="always"
              >
                {approval.workflow}
              </Anchor>
              , asked <Time at={approval.requestedAt} />
              {approval.expiresAt !== undefined && isPending && (
                <>
                  , expires <Time at={approval.expiresAt} />
                </>
              )}
            </Text>
          </div>
          <Status status={approval.status === 'pending' ? 'awaiting-approval' : approval.status} />
        </Group>
        {whole.data === undefined ? (
          <LoadState of={whole} />
        ) : (
          <JsonView value={whole.data.payload ?? null} label={`what ${approval.title} shows`} />
        )}
        <Text size="sm">
          {approversText(approval)}
          {approval.approvedBy.length > 0 && isPending ? ` Approved so far by ${approval.approvedBy.join(', ')}.` : ''}
        </Text>
        <Text size="xs" c="dimmed">
          A decision holds for exactly this value, SHA-256{' '}
          <Code title={approval.payloadHash}>{approval.payloadHash.slice(0, SHORT_HASH)}…</Code>
        </Text>
        {!isPending && approval.decidedAt !== undefined && (
          <Text size="sm">
            Decided by {approval.decidedBy} <Time at={approval.decidedAt} />
            {approval.reason === '' ? '' : `: ${approval.reason}`}
          </Text>
        )}
        {isPending && (
          <Group justify="flex-end" gap="sm">
            {refusal !== null && (
              <Text size="sm" c="dimmed" flex="1 1 12rem">
                {refusal}
              </Text>
            )}
            <Button
              variant="default"
              leftSection={<IconX size={16} aria-hidden />}
              disabled={refusal !== null || whole.data === undefined}
              onClick={() => setDecision(false)}
            >
              Reject
            </Button>
            <Button
              leftSection={<IconCheck size={16} aria-hidden />}
              disabled={refusal !== null || whole.data === undefined}
              onClick={() => setDecision(true)}
            >
              Approve
            </Button>
          </Group>
        )}
      </Stack>
      {decision !== null && whole.data !== undefined && (
        <DecisionDialog approval={whole.data} approve={decision} onClose={() => setDecision(null)} />
      )}
    </Paper>
  );
}

interface DecisionDialogProps {
  /** As it was shown: the decision carries its hash. */
  readonly approval: ApprovalView;
  readonly approve: boolean;
  readonly onClose: () => void;
}

function DecisionDialog({ approval, approve, onClose }: DecisionDialogProps) {
  const http = useHttp();
  const client = useQueryClient();
  const { session } = useSession();
  return (
    <ConfirmDialog
      title={approve ? 'Approve' : 'Reject'}
      text={`${approval.title}: recorded as decided by ${session.actor}.`}
      confirm={approve ? 'Approve it' : 'Reject it'}
      isDangerous={!approve}
      onConfirm={async (reason) => {
        await changes.decide(http, approval.id, approve, approval.payloadHash, reason);
        await client.invalidateQueries({ queryKey: ['approvals'] });
      }}
      onClose={onClose}
    />
  );
}
