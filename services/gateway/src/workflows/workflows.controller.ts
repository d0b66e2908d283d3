import { Controller, Inject, Res } from '@nestjs/common';
import { workflowDefinitionJsonSchema, type DefinitionProblem, type Workflow, type WorkflowService } from '@tutti/contracts';
import type { JsonValue } from '@tutti/kernel';
import { getWorkflow, getWorkflowSchema, listWorkflows, registerWorkflow, validateWorkflow, type RouteInput } from '@tutti/rest-contract';
import { WORKFLOW_SERVICE } from '@tutti/service-kit';
import type { FastifyReply } from 'fastify';
import { Actor } from '../door/actor.js';
import { Input, Route } from '../rest/route.decorator.js';
import { present } from '../wire/wire-enum.js';

@Controller()
export class WorkflowsController {
  constructor(@Inject(WORKFLOW_SERVICE) private readonly workflows: WorkflowService) {}

  @Route(registerWorkflow)
  async register(
    @Input(registerWorkflow) { body: source }: RouteInput<typeof registerWorkflow>,
    @Actor() actor: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { workflow, created, position } = await this.workflows.registerWorkflow({ source, actor });
    const registered = present(workflow, 'workflow');
    reply
      .code(created ? 201 : 200)
      .header('location', `/v1/workflows/${encodeURIComponent(registered.name)}?version=${registered.version}`);
    return { workflow: registered, created, position };
  }

  @Route(validateWorkflow)
  async validate(
    @Input(validateWorkflow) { body: source }: RouteInput<typeof validateWorkflow>,
  ): Promise<{ readonly problems: readonly DefinitionProblem[] }> {
    const { problems } = await this.workflows.validateWorkflow({ source });
    return { problems };
  }

  @Route(listWorkflows)
  async list(
    @Input(listWorkflows) { query }: RouteInput<typeof listWorkflows>,
  ): Promise<{ readonly workflows: readonly Partial<Workflow>[]; readonly nextPageToken: string }> {
    const { workflows, nextPageToken } = await this.workflows.listWorkflows(query);
    return { workflows: workflows.map(withoutSource), nextPageToken };
  }

  @Route(getWorkflow)
  async get(@Input(getWorkflow) { params, query }: RouteInput<typeof getWorkflow>) {
    const { workflow } = await this.workflows.getWorkflow({ ...params, ...query });
    return { workflow: present(workflow, 'workflow') };
  }

  @Route(getWorkflowSchema)
  schema(): JsonValue {
    return workflowDefinitionJsonSchema();
  }
}

function withoutSource({ source: _, ...rest }: Workflow): Partial<Workflow> {
  return rest;
}
