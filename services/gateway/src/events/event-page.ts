import { upcast } from '@tutti/contracts';
import { isTuttiError, type RecordedEvent } from '@tutti/kernel';

/** An event as it goes out: lifted to the newest version of its schema, or as it was recorded when this Tutti cannot lift it (its `schemaVersion` says which). */
export function newestVersion(event: RecordedEvent): RecordedEvent {
  try {
    return upcast(event);
  } catch (error) {
    if (isTuttiError(error, 'DATA_DAMAGED')) return event;
    throw error;
  }
}

/** {@link newestVersion} as JSON. */
export function eventText(event: RecordedEvent): string {
  return JSON.stringify(newestVersion(event));
}

interface EventPage {
  /** JSON text of the list. */
  readonly text: string;
  /** The last one on the page; undefined when it is empty. */
  readonly last: RecordedEvent | undefined;
  /** Whether events were left for the next page. */
  readonly more: boolean;
}

/** Takes up to `limit` events and, from the second on, only while they stay within `maxBytes`. Ask the store for one more than `limit`. */
export async function readEventPage(events: AsyncIterable<RecordedEvent>, limit: number, maxBytes: number): Promise<EventPage> {
  const texts: string[] = [];
  let last: RecordedEvent | undefined;
  let bytes = 0;
  for await (const event of events) {
    if (texts.length === limit) return { text: listText(texts), last, more: true };
    const text = eventText(event);
    bytes += Buffer.byteLength(text);
    if (bytes > maxBytes && texts.length > 0) return { text: listText(texts), last, more: true };
    texts.push(text);
    last = event;
  }
  return { text: listText(texts), last, more: false };
}

function listText(texts: readonly string[]): string {
  return `[${texts.join(',')}]`;
}
