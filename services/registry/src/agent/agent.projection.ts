import type { AgentEvent, AgentProfile } from '@tutti/contracts';
import type { JsonObject, RecordedEvent } from '@tutti/kernel';
import type { Projection } from '@tutti/read-models';

export interface AgentDocument extends JsonObject {
  readonly name: string;
  readonly status: 'registered' | 'paused' | 'deregistered';
  readonly profile: AgentProfile & JsonObject;
  readonly registeredAt: string;
  readonly changedAt: string;
  /** Counts profiles, from 1; goes on over deregistration. */
  readonly generation: number;
}

/**
 * One document per agent, by name. Queries for several capabilities at once are no part of the ports' filter language, and one document per
 * agent and capability cannot be folded, since a changed profile does not name what it dropped: such queries filter a bounded walk of this
 * collection.
 */
export const agentsProjection: Projection<AgentDocument> = {
  name: 'agents',
  version: 1,
  indexes: [['status']],
  handles: { categories: ['agent'] },
  keys: (event) => [event.stream.slice('agent-'.length)],
  evolve: evolveDocument,
};

function evolveDocument(document: AgentDocument | null, recorded: RecordedEvent, name: string): AgentDocument | null {
  const event = { type: recorded.type, data: recorded.data } as AgentEvent;
  switch (event.type) {
    case 'AgentRegistered':
    case 'AgentProfileChanged':
      return {
        name,
        status: event.type === 'AgentProfileChanged' && document?.status === 'paused' ? 'paused' : 'registered',
        profile: event.data.profile as AgentDocument['profile'],
        registeredAt: event.type === 'AgentProfileChanged' && document !== null ? document.registeredAt : recorded.time,
        changedAt: recorded.time,
        generation: (document?.generation ?? 0) + 1,
      };
    case 'AgentPaused':
    case 'AgentResumed': {
      const status = event.type === 'AgentPaused' ? 'paused' : 'registered';
      return document === null ? null : { ...document, status, changedAt: recorded.time };
    }
    case 'AgentDeregistered':
      return document === null ? null : { ...document, status: 'deregistered', changedAt: recorded.time };
    default:
      return document;
  }
}
