import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { TuttiError, type JsonValue } from '@tutti/kernel';
import { AGENTS_READ_SIDE } from '../registry.tokens.js';
import { filteredPage, type Page } from '../request/filtered-page.js';
import type { ReadSide } from '../request/read-side.js';
import type { AgentDocument } from './agent.projection.js';

export class GetAgentQuery extends Query<AgentDocument> {
  constructor(
    readonly name: string,
    /** The answer holds at least this; null for whatever there is. */
    readonly minPosition: number | null,
  ) {
    super();
  }
}

interface AgentCriteria {
  /** All of these. */
  readonly capabilities: readonly string[];
  /** Each of these entries, compared as text. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly includeDeregistered: boolean;
}

export class ListAgentsQuery extends Query<Page<AgentDocument>> {
  constructor(
    readonly criteria: AgentCriteria,
    readonly page: { readonly pageSize: number; readonly pageToken: string },
    readonly minPosition: number | null,
  ) {
    super();
  }
}

@QueryHandler(GetAgentQuery)
export class GetAgentHandler implements IQueryHandler<GetAgentQuery> {
  constructor(@Inject(AGENTS_READ_SIDE) private readonly agents: ReadSide<AgentDocument>) {}

  async execute({ name, minPosition }: GetAgentQuery): Promise<AgentDocument> {
    await (minPosition === null ? this.agents.freshen() : this.agents.waitFor(minPosition));
    const found = await this.agents.model.get(name);
    if (found === null) throw new TuttiError('AGENT_NOT_FOUND', `there is no agent ${name}`);
    return found.document;
  }
}

@QueryHandler(ListAgentsQuery)
export class ListAgentsHandler implements IQueryHandler<ListAgentsQuery> {
  constructor(@Inject(AGENTS_READ_SIDE) private readonly agents: ReadSide<AgentDocument>) {}

  async execute({ criteria, page, minPosition }: ListAgentsQuery): Promise<Page<AgentDocument>> {
    await (minPosition === null ? this.agents.freshen() : this.agents.waitFor(minPosition));
    const filter = criteria.includeDeregistered ? {} : { status: { $in: ['registered', 'paused'] } };
    return filteredPage(this.agents.model, { ...page, filter, matches: (document) => matches(document, criteria) });
  }
}

function matches({ profile }: AgentDocument, { capabilities, metadata }: AgentCriteria): boolean {
  return (
    capabilities.every((capability) => profile.capabilities.includes(capability)) &&
    Object.entries(metadata).every(([key, text]) => Object.hasOwn(profile.metadata, key) && asText(profile.metadata[key]) === text)
  );
}

function asText(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
