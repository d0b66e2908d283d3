import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type {
  GetApprovalRequest,
  GetApprovalResponse,
  GetRunRequest,
  GetRunResponse,
  ListApprovalsRequest,
  ListApprovalsResponse,
  ListRunsRequest,
  ListRunsResponse,
  ListTasksRequest,
  ListTasksResponse,
} from '@tutti/contracts';
import { TuttiError } from '@tutti/kernel';
import { VALUE_STORE, type ValueStore } from '@tutti/service-kit';
import { findPage } from '../views/paging.js';
import { approvalMessage, approvalStatusWord, runMessage, runStatusWord, taskMessage } from '../views/run-messages.js';
import { findRunsWithLabels } from '../views/runs-with-labels.js';
import { Views } from '../views/views.js';
import { PlanCatalog } from '../workflow/plan-catalog.js';

export class GetRun extends Query<GetRunResponse> {
  constructor(readonly request: GetRunRequest) {
    super();
  }
}

@QueryHandler(GetRun)
export class GetRunHandler implements IQueryHandler<GetRun> {
  constructor(
    @Inject(Views) private readonly views: Views,
    @Inject(PlanCatalog) private readonly plans: PlanCatalog,
    @Inject(VALUE_STORE) private readonly values: ValueStore,
  ) {}

  async execute({ request }: GetRun): Promise<GetRunResponse> {
    const { model } = await this.views.at('runs', request.minPosition);
    const found = await model.get(request.runId);
    if (found === null) throw new TuttiError('RUN_NOT_FOUND', `there is no run "${request.runId}"`);
    const { document, position } = found;
    const outputs = document.outputs === null ? undefined : await this.values.load(document.outputs);
    return { run: runMessage(document, position, this.plans.plan(document.workflow, document.workflowVersion), outputs) };
  }
}

export class ListRuns extends Query<ListRunsResponse> {
  constructor(readonly request: ListRunsRequest) {
    super();
  }
}

@QueryHandler(ListRuns)
export class ListRunsHandler implements IQueryHandler<ListRuns> {
  constructor(@Inject(Views) private readonly views: Views) {}

  async execute({ request }: ListRuns): Promise<ListRunsResponse> {
    const { model } = await this.views.at('runs', request.minPosition);
    const status = runStatusWord(request.status);
    if (Object.keys(request.labels).length > 0) {
      const { model: labels } = await this.views.at('runLabels', request.minPosition);
      const page = await findRunsWithLabels({ labels, runs: model }, { ...request, status });
      return { runs: page.found.map(({ document, position }) => runMessage(document, position, null)), nextPageToken: page.nextPageToken };
    }
    const filter = { ...(request.workflow === '' ? {} : { workflow: request.workflow }), ...(status === null ? {} : { status }) };
    const { found, nextPageToken } = await findPage(model, { filter, sort: [['startedAt', 'desc']] }, request);
    return { runs: found.map(({ document, position }) => runMessage(document, position, null)), nextPageToken };
  }
}

export class ListTasks extends Query<ListTasksResponse> {
  constructor(readonly request: ListTasksRequest) {
    super();
  }
}

@QueryHandler(ListTasks)
export class ListTasksHandler implements IQueryHandler<ListTasks> {
  constructor(@Inject(Views) private readonly views: Views) {}

  async execute({ request }: ListTasks): Promise<ListTasksResponse> {
    const runs = await this.views.at('runs', request.minPosition);
    if ((await runs.model.get(request.runId)) === null) throw new TuttiError('RUN_NOT_FOUND', `there is no run "${request.runId}"`);
    const { model } = await this.views.at('tasks', request.minPosition);
    const filter = { runId: request.runId, ...(request.step === '' ? {} : { step: request.step }) };
    const { found, nextPageToken } = await findPage(model, { filter, sort: [['order', 'asc']] }, request);
    return { tasks: found.map(({ document }) => taskMessage(document)), nextPageToken };
  }
}

export class ListApprovals extends Query<ListApprovalsResponse> {
  constructor(readonly request: ListApprovalsRequest) {
    super();
  }
}

@QueryHandler(ListApprovals)
export class ListApprovalsHandler implements IQueryHandler<ListApprovals> {
  constructor(@Inject(Views) private readonly views: Views) {}

  async execute({ request }: ListApprovals): Promise<ListApprovalsResponse> {
    const { model } = await this.views.at('approvals', request.minPosition);
    const status = approvalStatusWord(request.status);
    const filter = { ...(request.runId === '' ? {} : { runId: request.runId }), ...(status === null ? {} : { status }) };
    const { found, nextPageToken } = await findPage(model, { filter, sort: [['requestedAt', 'asc']] }, request);
    const workflows = await workflowsOf(
      this.views,
      found.map(({ document }) => document.runId),
    );
    return { approvals: found.map(({ document }) => approvalMessage(document, workflows.get(document.runId) ?? '')), nextPageToken };
  }
}

export class GetApproval extends Query<GetApprovalResponse> {
  constructor(readonly request: GetApprovalRequest) {
    super();
  }
}

@QueryHandler(GetApproval)
export class GetApprovalHandler implements IQueryHandler<GetApproval> {
  constructor(
    @Inject(Views) private readonly views: Views,
    @Inject(VALUE_STORE) private readonly values: ValueStore,
  ) {}

  async execute({ request }: GetApproval): Promise<GetApprovalResponse> {
    const { model } = await this.views.at('approvals', request.minPosition);
    const found = await model.get(request.approvalId);
    if (found === null) throw new TuttiError('APPROVAL_NOT_FOUND', `there is no approval "${request.approvalId}"`);
    const { document } = found;
    const workflows = await workflowsOf(this.views, [document.runId]);
    return { approval: approvalMessage(document, workflows.get(document.runId) ?? '', await this.values.load(document.payload)) };
  }
}

async function workflowsOf(views: Views, runIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const runs = await views.views.runs.model.getMany([...new Set(runIds)]);
  return new Map(runs.map(({ key, document }) => [key, document.workflow]));
}
