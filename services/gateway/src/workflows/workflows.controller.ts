import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { workflowDefinitionJsonSchema, type DefinitionProblem, type Workflow, type WorkflowService } from '@tutti/contracts';
import type { JsonValue } from '@tutti/kernel';
import { WORKFLOW_SERVICE } from '@tutti/service-kit';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Actor } from '../door/actor.js';
import { configOf } from '../rest/route-config.js';
import { minPosition, nameText, paging, parameters, textBody, wholeNumber } from '../door/request-parsing.js';
import { present } from '../wire/wire-enum.js';

const DEFINITION_TYPES = configOf({
  access: 'workflows:write',
  load: 'change',
  bodyTypes: ['application/json', 'application/yaml', 'text/yaml', 'application/x-yaml'],
});

const workflowPath = z.strictObject({ name: nameText });
const versionQuery = z.strictObject({ version: wholeNumber(1, 4_294_967_295).default(0), minPosition });
const listQuery = z.strictObject({ ...paging, minPosition });

@Controller('v1/workflows')
export class WorkflowsController {
  constructor(@Inject(WORKFLOW_SERVICE) private readonly workflows: WorkflowService) {}

  @Post()
  @RouteConfig(DEFINITION_TYPES)
  async register(@Body(textBody) source: string, @Actor() actor: string, @Res({ passthrough: true }) reply: FastifyReply) {
    const { workflow, created, position } = await this.workflows.registerWorkflow({ source, actor });
    const registered = present(workflow, 'workflow');
    reply
      .code(created ? 201 : 200)
      .header('location', `/v1/workflows/${encodeURIComponent(registered.name)}?version=${registered.version}`);
    return { workflow: registered, created, position };
  }

  @Post('validate')
  @HttpCode(200)
  @RouteConfig(DEFINITION_TYPES)
  async validate(@Body(textBody) source: string): Promise<{ readonly problems: readonly DefinitionProblem[] }> {
    const { problems } = await this.workflows.validateWorkflow({ source });
    return { problems };
  }

  @Get()
  async list(
    @Query(parameters(listQuery)) query: z.infer<typeof listQuery>,
  ): Promise<{ readonly workflows: readonly Partial<Workflow>[]; readonly nextPageToken: string }> {
    const { workflows, nextPageToken } = await this.workflows.listWorkflows(query);
    return { workflows: workflows.map(withoutSource), nextPageToken };
  }

  @Get(':name')
  async get(
    @Param(parameters(workflowPath)) path: z.infer<typeof workflowPath>,
    @Query(parameters(versionQuery)) query: z.infer<typeof versionQuery>,
  ) {
    const { workflow } = await this.workflows.getWorkflow({ ...path, ...query });
    return { workflow: present(workflow, 'workflow') };
  }
}

@Controller('v1/schemas')
export class SchemasController {
  @Get('workflow')
  workflow(): JsonValue {
    return workflowDefinitionJsonSchema();
  }
}

function withoutSource({ source: _, ...rest }: Workflow): Partial<Workflow> {
  return rest;
}
