import { TextInput } from '@mantine/core';
import { delegateApproval, type ApprovalView } from '@tutti/rest-contract';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useHttp } from '../../api/http-context.js';
import { ACTOR_PATTERN } from '../../session/session.js';
import { useSession } from '../../session/session-context.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';

interface DelegateDialogProps {
  readonly approval: ApprovalView;
  readonly onClose: () => void;
}

export function DelegateDialog({ approval: { id, title }, onClose }: DelegateDialogProps) {
  const http = useHttp();
  const client = useQueryClient();
  const { caller } = useSession();
  const [to, setTo] = useState('');
  const isName = ACTOR_PATTERN.test(to);
  return (
    <ConfirmDialog
      title="Delegate"
      text={`${title}: ${caller.actor} gives the decision away, and does not decide any more.`}
      confirm="Delegate it"
      isDisabled={!isName}
      onConfirm={async (reason) => {
        await http.ask(delegateApproval, { params: { id }, body: { to, reason } });
        await client.invalidateQueries({ queryKey: ['approvals'] });
      }}
      onClose={onClose}
    >
      <TextInput
        label="To whom"
        required
        placeholder="user:ann"
        value={to}
        error={to === '' || isName ? null : 'A kind and a name, like user:ann'}
        onChange={(event) => setTo(event.currentTarget.value)}
      />
    </ConfirmDialog>
  );
}
