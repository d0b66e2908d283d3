import { Controller, Inject } from '@nestjs/common';
import { ApprovalStatus, type ApprovalView, type RunService } from '@tutti/contracts';
import { approve, delegateApproval, getApproval, listApprovals, reject, type RouteInput } from '@tutti/rest-contract';
import { RUN_SERVICE } from '@tutti/service-kit';
import { Actor } from '../door/actor.js';
import { Input, Route } from '../rest/route.decorator.js';
import { present, wireEnum } from '../wire/wire-enum.js';

const approvalStatus = wireEnum(ApprovalStatus, 'APPROVAL_STATUS_');

@Controller()
export class ApprovalsController {
  constructor(@Inject(RUN_SERVICE) private readonly runs: RunService) {}

  @Route(listApprovals)
  async list(@Input(listApprovals) { query }: RouteInput<typeof listApprovals>) {
    const { approvals, nextPageToken } = await this.runs.listApprovals({ ...query, status: approvalStatus.value(query.status) });
    return { approvals: approvals.map(approvalToWire), nextPageToken };
  }

  @Route(getApproval)
  async get(@Input(getApproval) { params, query }: RouteInput<typeof getApproval>) {
    const { approval } = await this.runs.getApproval({ approvalId: params.id, ...query });
    return { approval: approvalToWire(present(approval, 'approval')) };
  }

  @Route(approve)
  approve(@Input(approve) input: RouteInput<typeof approve>, @Actor() actor: string) {
    return this.decide(input, actor, true);
  }

  @Route(reject)
  reject(@Input(reject) input: RouteInput<typeof reject>, @Actor() actor: string) {
    return this.decide(input, actor, false);
  }

  @Route(delegateApproval)
  async delegate(@Input(delegateApproval) { params, body }: RouteInput<typeof delegateApproval>, @Actor() actor: string) {
    const { runId, position } = await this.runs.delegateApproval({ approvalId: params.id, ...body, actor });
    return { runId, position };
  }

  private async decide({ params, body }: Pick<RouteInput<typeof approve>, 'params' | 'body'>, actor: string, isApproved: boolean) {
    const { runId, position } = await this.runs.decideApproval({ approvalId: params.id, approve: isApproved, ...body, actor });
    return { runId, position };
  }
}

function approvalToWire(approval: ApprovalView) {
  return { ...approval, status: approvalStatus.word(approval.status) };
}
