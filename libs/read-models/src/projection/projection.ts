import type { EventFilter } from '@tutti/event-store';
import type { JsonObject, RecordedEvent } from '@tutti/kernel';
import type { ReadModelDefinition } from '../read-models.port.js';

/**
 * A read model's rule: pure, from events to documents. The runner owns storage, checkpoints and batching. Applying an event twice changes nothing, because
 * the runner skips positions a document already holds. A new `version` is rebuilt from the start beside the live one. Indexed fields hold scalars only.
 */
export interface Projection<Doc extends JsonObject> extends ReadModelDefinition {
  readonly handles: EventFilter;
  /** Keys of the documents that the event changes. */
  readonly keys: (event: RecordedEvent) => readonly string[];
  /**
   * The document after the event; null to have none. May change and return the given one, but neither the event nor a part of it that the document
   * has taken over: events are shared. What it throws stops the projection at this event.
   */
  readonly evolve: (document: Doc | null, event: RecordedEvent, key: string) => Doc | null;
}
