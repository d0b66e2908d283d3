import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApprovalStatus, sha256, type ApprovalView, type RunService } from '@tutti/contracts';
import { RUN_SERVICE } from '@tutti/service-kit';
import { z } from 'zod';
import { Actor } from '../door/actor.js';
import { freeText, jsonBody, minPosition, nameText, paging, parameters } from '../door/request-parsing.js';
import { present, wireEnum } from '../wire/wire-enum.js';

const approvalStatus = wireEnum(ApprovalStatus, 'APPROVAL_STATUS_');

const approvalPath = z.strictObject({ id: nameText });
const approvalQuery = z.strictObject({ minPosition });
const listQuery = z.strictObject({ status: approvalStatus.query, runId: nameText.or(z.literal('')).default(''), ...paging, minPosition });
const decisionBody = z.strictObject({ payloadHash: sha256, reason: freeText(10_000).default('') });

const delegationBody = z.strictObject({ to: nameText, reason: freeText(10_000).default('') });

type ApprovalPath = z.infer<typeof approvalPath>;
type DecisionBody = z.infer<typeof decisionBody>;

@Controller('v1/approvals')
export class ApprovalsController {
  constructor(@Inject(RUN_SERVICE) private readonly runs: RunService) {}

  @Get()
  async list(@Query(parameters(listQuery)) query: z.infer<typeof listQuery>) {
    const { approvals, nextPageToken } = await this.runs.listApprovals(query);
    return { approvals: approvals.map(approvalToWire), nextPageToken };
  }

  @Get(':id')
  async get(@Param(parameters(approvalPath)) path: ApprovalPath, @Query(parameters(approvalQuery)) query: z.infer<typeof approvalQuery>) {
    const { approval } = await this.runs.getApproval({ approvalId: path.id, ...query });
    return { approval: approvalToWire(present(approval, 'approval')) };
  }

  @Post(':id/approve')
  @HttpCode(200)
  approve(@Param(parameters(approvalPath)) path: ApprovalPath, @Body(jsonBody(decisionBody)) body: DecisionBody, @Actor() actor: string) {
    return this.decide(path, body, actor, true);
  }

  @Post(':id/reject')
  @HttpCode(200)
  reject(@Param(parameters(approvalPath)) path: ApprovalPath, @Body(jsonBody(decisionBody)) body: DecisionBody, @Actor() actor: string) {
    return this.decide(path, body, actor, false);
  }

  /** Whoever asks gives the decision away. */
  @Post(':id/delegate')
  @HttpCode(200)
  async delegate(
    @Param(parameters(approvalPath)) { id: approvalId }: ApprovalPath,
    @Body(jsonBody(delegationBody)) body: z.infer<typeof delegationBody>,
    @Actor() actor: string,
  ) {
    const { runId, position } = await this.runs.delegateApproval({ approvalId, ...body, actor });
    return { runId, position };
  }

  private async decide(path: ApprovalPath, body: DecisionBody, actor: string, approve: boolean) {
    const { runId, position } = await this.runs.decideApproval({ approvalId: path.id, approve, ...body, actor });
    return { runId, position };
  }
}

function approvalToWire(approval: ApprovalView) {
  return { ...approval, status: approvalStatus.word(approval.status) };
}
