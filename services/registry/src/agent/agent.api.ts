import { Inject, Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import {
  agentProfile,
  jsonObject,
  type Agent,
  type AgentService,
  type DeregisterAgentRequest,
  type DeregisterAgentResponse,
  type GetAgentRequest,
  type GetAgentResponse,
  type ListAgentsRequest,
  type ListAgentsResponse,
  type PauseAgentRequest,
  type PauseAgentResponse,
  type RegisterAgentRequest,
  type RegisterAgentResponse,
  type ResumeAgentRequest,
  type ResumeAgentResponse,
} from '@tutti/contracts';
import { parseRequest } from '@tutti/service-kit';
import { z } from 'zod';
import { actor, paging } from '../request/request-fields.js';
import { DeregisterAgentCommand, HoldAgentCommand, RegisterAgentCommand } from './agent.commands.js';
import type { AgentDocument } from './agent.projection.js';
import { GetAgentQuery, ListAgentsQuery } from './agent.queries.js';

const name = z.string().min(1).max(100);
/** An empty struct may be left out of a message. */
const profileMessage = agentProfile.unwrap().extend({ metadata: jsonObject.default({}) });
const registerRequest = z.object({ profile: profileMessage, actor });
/** What takes an agent out, holds it or lets it go on. */
const changeRequest = z.object({ name, actor, reason: z.string().max(1_000) });
const getRequest = z.object({ name, minPosition: paging.minPosition });
const listRequest = z.object({
  capabilities: z.array(z.string().max(200)).max(100),
  metadata: z.record(z.string(), z.string()),
  includeDeregistered: z.boolean(),
  ...paging,
});

/** The registry's edge for agents: checks what comes in, translates to commands and queries, and their answers to messages. */
@Injectable()
export class AgentApi implements AgentService {
  constructor(
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(QueryBus) private readonly queries: QueryBus,
  ) {}

  async registerAgent(request: RegisterAgentRequest): Promise<RegisterAgentResponse> {
    const { profile, actor: by } = parseRequest(registerRequest, request, 'register agent');
    const { changed, position } = await this.commands.execute(new RegisterAgentCommand(profile, by));
    const agent = toMessage(await this.queries.execute(new GetAgentQuery(profile.name, position)));
    return { agent, changed, position };
  }

  async deregisterAgent(request: DeregisterAgentRequest): Promise<DeregisterAgentResponse> {
    const { name: agent, actor: by, reason } = parseRequest(changeRequest, request, 'deregister agent');
    const { position } = await this.commands.execute(new DeregisterAgentCommand(agent, by, reason));
    return { position };
  }

  async pauseAgent(request: PauseAgentRequest): Promise<PauseAgentResponse> {
    const { name: agent, actor: by, reason } = parseRequest(changeRequest, request, 'pause agent');
    const { position } = await this.commands.execute(new HoldAgentCommand('PauseAgent', agent, by, reason));
    return { position };
  }

  async resumeAgent(request: ResumeAgentRequest): Promise<ResumeAgentResponse> {
    const { name: agent, actor: by, reason } = parseRequest(changeRequest, request, 'resume agent');
    const { position } = await this.commands.execute(new HoldAgentCommand('ResumeAgent', agent, by, reason));
    return { position };
  }

  async getAgent(request: GetAgentRequest): Promise<GetAgentResponse> {
    const { name: agent, minPosition } = parseRequest(getRequest, request, 'get agent');
    return { agent: toMessage(await this.queries.execute(new GetAgentQuery(agent, minPosition || null))) };
  }

  async listAgents(request: ListAgentsRequest): Promise<ListAgentsResponse> {
    const { pageSize, pageToken, minPosition, ...criteria } = parseRequest(listRequest, request, 'list agents');
    const page = await this.queries.execute(new ListAgentsQuery(criteria, { pageSize, pageToken }, minPosition || null));
    return { agents: page.documents.map(toMessage), nextPageToken: page.nextPageToken };
  }
}

function toMessage({ profile, status, registeredAt, changedAt, generation }: AgentDocument): Agent {
  return { profile, status, registeredAt, changedAt, generation };
}
