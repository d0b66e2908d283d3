import type { EventDefinition } from '@tutti/contracts';
import { DEFAULT_TENANT, type JsonObject, type NewEvent } from '@tutti/kernel';

/** An event that an agent is the author of, outside of any run. */
export function newAgentEvent(
  id: string,
  definition: EventDefinition,
  agent: string,
  data: JsonObject,
  causationId: string | null,
): NewEvent {
  const actor = `agent:${agent}`;
  const metadata = {
    correlationId: causationId ?? id,
    causationId,
    traceparent: null,
    actor,
    tenant: DEFAULT_TENANT,
    subject: null,
    keyId: null,
  };
  return { id, type: definition.type, schemaVersion: definition.schemaVersion, data, metadata };
}
