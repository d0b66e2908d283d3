import { Controller, Inject } from '@nestjs/common';
import type { AgentService } from '@tutti/contracts';
import { deregisterAgent, getAgent, listAgents, pauseAgent, resumeAgent, type RouteInput } from '@tutti/rest-contract';
import { AGENT_SERVICE } from '@tutti/service-kit';
import { Actor } from '../door/actor.js';
import { Input, Route } from '../rest/route.decorator.js';
import { present } from '../wire/wire-enum.js';

@Controller()
export class AgentsController {
  constructor(@Inject(AGENT_SERVICE) private readonly agents: AgentService) {}

  @Route(listAgents)
  async list(@Input(listAgents) { query: { capability, ...query } }: RouteInput<typeof listAgents>) {
    const { agents, nextPageToken } = await this.agents.listAgents({ capabilities: capability, ...query });
    return { agents, nextPageToken };
  }

  @Route(getAgent)
  async get(@Input(getAgent) { params, query }: RouteInput<typeof getAgent>) {
    const { agent } = await this.agents.getAgent({ ...params, ...query });
    return { agent: present(agent, 'agent') };
  }

  @Route(pauseAgent)
  async pause(@Input(pauseAgent) { params, body }: RouteInput<typeof pauseAgent>, @Actor() actor: string) {
    const { position } = await this.agents.pauseAgent({ ...params, ...body, actor });
    return { position };
  }

  @Route(resumeAgent)
  async resume(@Input(resumeAgent) { params, body }: RouteInput<typeof resumeAgent>, @Actor() actor: string) {
    const { position } = await this.agents.resumeAgent({ ...params, ...body, actor });
    return { position };
  }

  @Route(deregisterAgent)
  async deregister(@Input(deregisterAgent) { params, query }: RouteInput<typeof deregisterAgent>, @Actor() actor: string) {
    const { position } = await this.agents.deregisterAgent({ ...params, ...query, actor });
    return { position };
  }
}
