import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { runOfApproval, type DecideApprovalResponse, type DelegateApprovalResponse } from '@tutti/contracts';
import { isTuttiError, TuttiError } from '@tutti/kernel';
import { RunOwner, type RunInstruction } from '../owner/run-owner.js';

export class DecideApproval extends Command<DecideApprovalResponse> {
  constructor(
    readonly request: {
      readonly approvalId: string;
      readonly approved: boolean;
      readonly payloadHash: string;
      readonly actor: string;
      readonly reason: string;
    },
  ) {
    super();
  }
}

@CommandHandler(DecideApproval)
export class DecideApprovalHandler implements ICommandHandler<DecideApproval> {
  constructor(@Inject(RunOwner) private readonly owner: RunOwner) {}

  async execute({ request }: DecideApproval): Promise<DecideApprovalResponse> {
    return sendToRun(this.owner, request.approvalId, { type: 'DecideApproval', ...request }, request.actor);
  }
}

export class DelegateApproval extends Command<DelegateApprovalResponse> {
  constructor(readonly request: { readonly approvalId: string; readonly to: string; readonly actor: string; readonly reason: string }) {
    super();
  }
}

@CommandHandler(DelegateApproval)
export class DelegateApprovalHandler implements ICommandHandler<DelegateApproval> {
  constructor(@Inject(RunOwner) private readonly owner: RunOwner) {}

  async execute({ request }: DelegateApproval): Promise<DelegateApprovalResponse> {
    return sendToRun(this.owner, request.approvalId, { type: 'DelegateApproval', ...request }, request.actor);
  }
}

async function sendToRun(owner: RunOwner, approvalId: string, command: RunInstruction, actor: string) {
  const runId = runOfApproval(approvalId);
  try {
    const { position } = await owner.send(runId, command, { actor });
    return { runId, position };
  } catch (error) {
    if (isTuttiError(error, 'RUN_NOT_FOUND')) throw new TuttiError('APPROVAL_NOT_FOUND', `there is no approval "${approvalId}"`);
    throw error;
  }
}
