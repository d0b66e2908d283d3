import { approve, reject, type ApprovalView } from '@tutti/rest-contract';
import { useQueryClient } from '@tanstack/react-query';
import { useHttp } from '../../api/http-context.js';
import { useSession } from '../../session/session-context.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';

interface DecisionDialogProps {
  /** As it was shown: the decision carries its hash. */
  readonly approval: ApprovalView;
  readonly isApproval: boolean;
  readonly onClose: () => void;
}

export function DecisionDialog({ approval: { id, payloadHash, title }, isApproval, onClose }: DecisionDialogProps) {
  const http = useHttp();
  const client = useQueryClient();
  const { caller } = useSession();
  return (
    <ConfirmDialog
      title={isApproval ? 'Approve' : 'Reject'}
      text={`${title}: recorded as decided by ${caller.actor}.`}
      confirm={isApproval ? 'Approve it' : 'Reject it'}
      isDangerous={!isApproval}
      onConfirm={async (reason) => {
        await http.ask(isApproval ? approve : reject, { params: { id }, body: { payloadHash, reason } });
        await client.invalidateQueries({ queryKey: ['approvals'] });
      }}
      onClose={onClose}
    />
  );
}
