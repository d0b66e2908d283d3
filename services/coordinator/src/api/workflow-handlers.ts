import { Inject } from '@nestjs/common';
import { Command, CommandHandler, Query, QueryHandler, type ICommandHandler, type IQueryHandler } from '@nestjs/cqrs';
import type {
  GetWorkflowRequest,
  GetWorkflowResponse,
  ListWorkflowsRequest,
  ListWorkflowsResponse,
  RegisterWorkflowResponse,
  Workflow,
} from '@tutti/contracts';
import { TuttiError } from '@tutti/kernel';
import { checkRegistration } from '../definition/types/check-registration.js';
import { findPage } from '../views/paging.js';
import { Views } from '../views/views.js';
import { versionKey, type WorkflowDocument } from '../views/workflows.projection.js';
import { PlanCatalog } from '../workflow/plan-catalog.js';
import { WorkflowStreams } from '../workflow/workflow-streams.js';

export class RegisterWorkflow extends Command<RegisterWorkflowResponse> {
  constructor(
    readonly source: string,
    readonly actor: string,
  ) {
    super();
  }
}

@CommandHandler(RegisterWorkflow)
export class RegisterWorkflowHandler implements ICommandHandler<RegisterWorkflow> {
  constructor(
    @Inject(WorkflowStreams) private readonly streams: WorkflowStreams,
    @Inject(PlanCatalog) private readonly plans: PlanCatalog,
    @Inject(Views) private readonly views: Views,
  ) {}

  async execute({ source, actor }: RegisterWorkflow): Promise<RegisterWorkflowResponse> {
    const compiled = checkRegistration(
      source,
      ({ definition, plan }) => plan.hash === this.plans.stateOf(definition.name).hash,
      (name, version) => this.plans.inputsOf(name, version),
    );
    if ('problems' in compiled) {
      const { problems } = compiled;
      const [first] = problems;
      const message = `the definition has ${problems.length} problem${problems.length === 1 ? '' : 's'}; the first: line ${first?.line ?? 0}: ${first?.message ?? ''}`;
      throw new TuttiError('DEFINITION_INVALID', message, { details: { problems: problems.map((problem) => ({ ...problem })) } });
    }
    const { name, description } = compiled.definition;
    const { hash } = compiled.plan;
    const command = {
      type: 'RegisterWorkflowVersion',
      name,
      description,
      hash,
      definition: compiled.document,
      source,
      registeredBy: actor,
    } as const;
    const { state, events, position } = await this.streams.handle(command, actor);
    const { model } = await this.views.holding('workflows', position);
    const found = await model.get(versionKey(name, state.version));
    if (found === null) throw new TuttiError('INTERNAL', `version ${state.version} of workflow "${name}" is missing from the read model`);
    return { workflow: workflowMessage(found.document, true), created: events.length > 0, position };
  }
}

export class GetWorkflow extends Query<GetWorkflowResponse> {
  constructor(readonly request: GetWorkflowRequest) {
    super();
  }
}

@QueryHandler(GetWorkflow)
export class GetWorkflowHandler implements IQueryHandler<GetWorkflow> {
  constructor(@Inject(Views) private readonly views: Views) {}

  async execute({ request: { name, version, minPosition } }: GetWorkflow): Promise<GetWorkflowResponse> {
    const { model } = await this.views.at('workflows', minPosition);
    const filter = version === 0 ? { name, isNewest: true } : { _id: versionKey(name, version) };
    const [found] = await model.find({ filter, limit: 1 });
    if (found === undefined)
      throw new TuttiError('WORKFLOW_NOT_FOUND', `there is no workflow "${name}"${version === 0 ? '' : ` version ${version}`}`);
    return { workflow: workflowMessage(found.document, true) };
  }
}

export class ListWorkflows extends Query<ListWorkflowsResponse> {
  constructor(readonly request: ListWorkflowsRequest) {
    super();
  }
}

@QueryHandler(ListWorkflows)
export class ListWorkflowsHandler implements IQueryHandler<ListWorkflows> {
  constructor(@Inject(Views) private readonly views: Views) {}

  async execute({ request }: ListWorkflows): Promise<ListWorkflowsResponse> {
    const { model } = await this.views.at('workflows', request.minPosition);
    const { found, nextPageToken } = await findPage(model, { filter: { isNewest: true }, sort: [['name', 'asc']] }, request);
    return { workflows: found.map(({ document }) => workflowMessage(document, false)), nextPageToken };
  }
}

function workflowMessage(document: WorkflowDocument, withSource: boolean): Workflow {
  const { name, version, description, hash, definition, source, registeredAt } = document;
  return {
    name,
    version,
    description,
    hash,
    registeredAt,
    definition: withSource ? definition : undefined,
    source: withSource ? source : '',
  };
}
