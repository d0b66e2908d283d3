import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import {
  rootOf,
  type ApprovalView,
  type GetApprovalRequest,
  type GetApprovalResponse,
  type GetRunRequest,
  type GetRunResponse,
  type ListApprovalsRequest,
  type ListApprovalsResponse,
  type ListRunsRequest,
  type ListRunsResponse,
  type ListTasksRequest,
  type ListTasksResponse,
} from '@tutti/contracts';
import { TuttiError } from '@tutti/kernel';
import { VALUE_STORE, type ValueStore } from '@tutti/service-kit';
import { childrenOf, pathsTo } from '../views/families.js';
import { findRuns } from '../views/find-runs.js';
import { findPage } from '../views/paging.js';
import { approvalMessage, approvalStatusWord, runMessage, runStatusWord, taskMessage } from '../views/run-messages.js';
import { findRunsWithLabels } from '../views/runs-with-labels.js';
import { Views } from '../views/views.js';
import { RunPlans } from '../workflow/run-plans.js';

export class GetRun extends Query<GetRunResponse> {
  constructor(readonly request: GetRunRequest) {
    super();
  }
}

@QueryHandler(GetRun)
export class GetRunHandler implements IQueryHandler<GetRun> {
  constructor(
    @Inject(Views) private readonly views: Views,
    @Inject(RunPlans) private readonly plans: RunPlans,
    @Inject(VALUE_STORE) private readonly values: ValueStore,
  ) {}

  async execute({ request }: GetRun): Promise<GetRunResponse> {
    const { model } = await this.views.at('runs', request.minPosition);
    const found = await model.get(request.runId);
    if (found === null) throw new TuttiError('RUN_NOT_FOUND', `there is no run "${request.runId}"`);
    const { document, position } = found;
    const outputs = document.outputs === null ? undefined : await this.values.load(document.outputs);
    const { block, definition, ...reference } = document;
    const plan = await this.plans.of({ ...reference, block: block ?? undefined, definition: definition ?? undefined });
    return { run: runMessage(document, position, plan, outputs, await childrenOf(model, document)) };
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
    const { found, nextPageToken } = await findRuns(model, { ...request, status });
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
    const { runId } = request;
    const filter = { ...(runId === '' ? {} : { rootId: rootOf(runId) }), ...(status === null ? {} : { status }) };
    const { found, nextPageToken } = await findPage(model, { filter, sort: [['requestedAt', 'asc']] }, request);
    const documents = found.map(({ document }) => document);
    const paths = await pathsTo(this.views.views.runs.model, documents);
    const approvals = documents.map((document, index) => approvalMessage(document, paths[index] ?? []));
    const isBelow = ({ path }: ApprovalView): boolean => runId === '' || path.some((place) => place.runId === runId);
    return { approvals: approvals.filter(isBelow), nextPageToken };
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
    const [path = []] = await pathsTo(this.views.views.runs.model, [document]);
    return { approval: approvalMessage(document, path, await this.values.load(document.payload)) };
  }
}
