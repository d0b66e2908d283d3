import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import type { AgentService } from '@tutti/contracts';
import { AGENT_SERVICE } from '@tutti/service-kit';
import { z } from 'zod';
import { Actor } from '../door/actor.js';
import { flag, freeText, jsonBody, minPosition, nameText, paging, parameters, repeated } from '../door/request-parsing.js';
import { present } from '../wire/wire-enum.js';

const METADATA = 'metadata.';

const agentPath = z.strictObject({ name: nameText });
const agentQuery = z.strictObject({ minPosition });
const deregisterQuery = z.strictObject({ reason: freeText(2_000).default('') });
const reasonBody = z.strictObject({ reason: freeText(1_000).default('') });
const listQuery = z.preprocess(
  gatherMetadata,
  z.strictObject({
    capability: repeated(nameText, 100).default([]),
    metadata: z.record(nameText, freeText(1_000)),
    includeDeregistered: flag.default(false),
    ...paging,
    minPosition,
  }),
);

type AgentPath = z.infer<typeof agentPath>;
type ReasonBody = z.infer<typeof reasonBody>;

@Controller('v1/agents')
export class AgentsController {
  constructor(@Inject(AGENT_SERVICE) private readonly agents: AgentService) {}

  @Get()
  async list(@Query(parameters(listQuery)) { capability, ...query }: z.infer<typeof listQuery>) {
    const { agents, nextPageToken } = await this.agents.listAgents({ capabilities: capability, ...query });
    return { agents, nextPageToken };
  }

  @Get(':name')
  async get(@Param(parameters(agentPath)) path: AgentPath, @Query(parameters(agentQuery)) query: z.infer<typeof agentQuery>) {
    const { agent } = await this.agents.getAgent({ ...path, ...query });
    return { agent: present(agent, 'agent') };
  }

  @Post(':name/pause')
  @HttpCode(200)
  async pause(@Param(parameters(agentPath)) path: AgentPath, @Body(jsonBody(reasonBody)) body: ReasonBody, @Actor() actor: string) {
    const { position } = await this.agents.pauseAgent({ ...path, ...body, actor });
    return { position };
  }

  @Post(':name/resume')
  @HttpCode(200)
  async resume(@Param(parameters(agentPath)) path: AgentPath, @Body(jsonBody(reasonBody)) body: ReasonBody, @Actor() actor: string) {
    const { position } = await this.agents.resumeAgent({ ...path, ...body, actor });
    return { position };
  }

  @Delete(':name')
  async deregister(
    @Param(parameters(agentPath)) path: AgentPath,
    @Query(parameters(deregisterQuery)) query: z.infer<typeof deregisterQuery>,
    @Actor() actor: string,
  ) {
    const { position } = await this.agents.deregisterAgent({ ...path, ...query, actor });
    return { position };
  }
}

/** `metadata.team=core` as a member of `metadata`. */
function gatherMetadata(query: unknown): unknown {
  const entries = Object.entries(query as Readonly<Record<string, unknown>>);
  const metadata = entries
    .filter(([name]) => name.startsWith(METADATA))
    .map(([name, value]): [string, unknown] => [name.slice(METADATA.length), value]);
  // Whoever gives "metadata" itself is told that there is no such parameter.
  const rest = entries
    .filter(([name]) => !name.startsWith(METADATA))
    .map(([name, value]): [string, unknown] => [name === 'metadata' ? '"metadata"' : name, value]);
  return { ...Object.fromEntries<unknown>(rest), metadata: Object.fromEntries(metadata) };
}
