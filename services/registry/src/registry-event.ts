import type { EventDefinition } from '@tutti/contracts';
import { DEFAULT_TENANT, type Ids, type JsonObject, type NewEvent } from '@tutti/kernel';

/** An event as the registry records it: each request stands for itself. */
export function registryEvent(
  ids: Ids,
  catalog: Readonly<Record<string, EventDefinition>>,
  event: { readonly type: string; readonly data: JsonObject },
  actor: string,
): NewEvent {
  const id = ids.next();
  const schemaVersion = catalog[event.type]?.schemaVersion ?? 1;
  const metadata = { correlationId: id, causationId: null, traceparent: null, actor, tenant: DEFAULT_TENANT, subject: null, keyId: null };
  return { id, type: event.type, schemaVersion, data: event.data, metadata };
}
