import { Inject, Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type {
  ChangeRolloutRequest,
  ChangeRolloutResponse,
  DrainWorkflowVersionRequest,
  DrainWorkflowVersionResponse,
  GetWorkflowRequest,
  GetWorkflowResponse,
  ListWorkflowVersionsRequest,
  ListWorkflowVersionsResponse,
  ListWorkflowsRequest,
  ListWorkflowsResponse,
  RegisterWorkflowRequest,
  RegisterWorkflowResponse,
  RestoreWorkflowVersionRequest,
  RestoreWorkflowVersionResponse,
  ValidateWorkflowRequest,
  ValidateWorkflowResponse,
  WorkflowService,
} from '@tutti/contracts';
import { parseRequest } from '@tutti/service-kit';
import { z } from 'zod';
import { checkRegistration } from '../definition/types/check-registration.js';
import { PlanCatalog } from '../workflow/plan-catalog.js';
import { actor, reason } from './request-fields.js';
import { GetWorkflow, ListWorkflows, RegisterWorkflow } from './workflow-handlers.js';
import { ChangeVersions, ListWorkflowVersions } from './workflow-rollout.js';

const registerWorkflow = z.object({ source: z.string(), actor });
const name = z.string().min(1, 'expected the name of a workflow').max(100);
const version = z.int().min(1, 'expected a version, from 1');
const changeRollout = z.object({
  ...{ name, actor, reason },
  rules: z
    .array(
      z.object({
        version,
        share: z.number().min(0).max(100).optional(),
        labels: z.record(z.string().min(1).max(100), z.string().max(500)).default({}),
      }),
    )
    .max(100, 'at most 100 rules are taken'),
});
const holdVersion = z.object({ name, version, actor, reason });

/** The contract, translated into commands and queries. */
@Injectable()
export class WorkflowApi implements WorkflowService {
  constructor(
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(PlanCatalog) private readonly plans: PlanCatalog,
  ) {}

  async registerWorkflow(request: RegisterWorkflowRequest): Promise<RegisterWorkflowResponse> {
    const checked = parseRequest(registerWorkflow, request);
    return this.commands.execute(new RegisterWorkflow(checked.source, checked.actor));
  }

  async validateWorkflow({ source }: ValidateWorkflowRequest): Promise<ValidateWorkflowResponse> {
    const checked = checkRegistration(
      source,
      () => false,
      (workflow, version) => this.plans.inputsOf(workflow, version),
    );
    return Promise.resolve({ problems: 'problems' in checked ? checked.problems : [] });
  }

  async getWorkflow(request: GetWorkflowRequest): Promise<GetWorkflowResponse> {
    return this.queries.execute(new GetWorkflow(request));
  }

  async listWorkflows(request: ListWorkflowsRequest): Promise<ListWorkflowsResponse> {
    return this.queries.execute(new ListWorkflows(request));
  }

  async listWorkflowVersions(request: ListWorkflowVersionsRequest): Promise<ListWorkflowVersionsResponse> {
    return this.queries.execute(new ListWorkflowVersions(request));
  }

  async changeRollout(request: ChangeRolloutRequest): Promise<ChangeRolloutResponse> {
    const { rules, ...checked } = parseRequest(changeRollout, request);
    const given = rules.map(({ version, share, labels }) => ({
      version,
      ...(share === undefined ? {} : { share }),
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
    }));
    return this.commands.execute(new ChangeVersions({ type: 'ChangeRollout', ...checked, rules: given }));
  }

  async drainWorkflowVersion(request: DrainWorkflowVersionRequest): Promise<DrainWorkflowVersionResponse> {
    return this.commands.execute(new ChangeVersions({ type: 'DrainVersion', ...parseRequest(holdVersion, request) }));
  }

  async restoreWorkflowVersion(request: RestoreWorkflowVersionRequest): Promise<RestoreWorkflowVersionResponse> {
    return this.commands.execute(new ChangeVersions({ type: 'RestoreVersion', ...parseRequest(holdVersion, request) }));
  }
}
