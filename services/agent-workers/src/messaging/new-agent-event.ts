import type { EventDefinition } from '@tutti/contracts';
import { eventMetadata, newEvent, type JsonObject, type NewEvent } from '@tutti/kernel';

/** An event that an agent is the author of, outside of any run. */
export function newAgentEvent(
  id: string,
  definition: EventDefinition,
  agent: string,
  data: JsonObject,
  causationId: string | null,
): NewEvent {
  const metadata = eventMetadata({ correlationId: causationId ?? id, causationId, actor: `agent:${agent}` });
  return newEvent(id, definition, data, metadata);
}
