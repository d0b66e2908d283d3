import type { EventDefinition } from '@tutti/contracts';
import { eventMetadata, newEvent, TuttiError, type Ids, type NewEvent } from '@tutti/kernel';

/** An event as the registry records it: each request stands for itself. */
export function registryEvent(
  ids: Ids,
  catalog: Readonly<Record<string, EventDefinition>>,
  event: { readonly type: string; readonly data: object },
  actor: string,
): NewEvent {
  const id = ids.next();
  const definition = catalog[event.type];
  if (definition === undefined) throw new TuttiError('INTERNAL', `the registry has no event "${event.type}"`);
  return newEvent(id, definition, event.data, eventMetadata({ correlationId: id, actor }));
}
