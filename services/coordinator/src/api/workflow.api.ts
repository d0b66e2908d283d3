import { Inject, Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type {
  GetWorkflowRequest,
  GetWorkflowResponse,
  ListWorkflowsRequest,
  ListWorkflowsResponse,
  RegisterWorkflowRequest,
  RegisterWorkflowResponse,
  ValidateWorkflowRequest,
  ValidateWorkflowResponse,
  WorkflowService,
} from '@tutti/contracts';
import { parseRequest } from '@tutti/service-kit';
import { z } from 'zod';
import { compileDefinition } from '../definition/compile-definition.js';
import { actor } from './request-fields.js';
import { GetWorkflow, ListWorkflows, RegisterWorkflow } from './workflow-handlers.js';

const registerWorkflow = z.object({ source: z.string(), actor });

/** The contract, translated into commands and queries. */
@Injectable()
export class WorkflowApi implements WorkflowService {
  constructor(
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(QueryBus) private readonly queries: QueryBus,
  ) {}

  async registerWorkflow(request: RegisterWorkflowRequest): Promise<RegisterWorkflowResponse> {
    const checked = parseRequest(registerWorkflow, request);
    return this.commands.execute(new RegisterWorkflow(checked.source, checked.actor));
  }

  async validateWorkflow({ source }: ValidateWorkflowRequest): Promise<ValidateWorkflowResponse> {
    const compiled = compileDefinition(source);
    return Promise.resolve({ problems: 'problems' in compiled ? compiled.problems : [] });
  }

  async getWorkflow(request: GetWorkflowRequest): Promise<GetWorkflowResponse> {
    return this.queries.execute(new GetWorkflow(request));
  }

  async listWorkflows(request: ListWorkflowsRequest): Promise<ListWorkflowsResponse> {
    return this.queries.execute(new ListWorkflows(request));
  }
}
