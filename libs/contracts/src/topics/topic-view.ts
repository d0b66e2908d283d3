import type { JsonValue, RecordedEvent } from '@tutti/kernel';

/**
 * A topic whose messages follow from recorded events: what the event bus calls a `TopicView`, said here without it. Pure: the same event always
 * gives the same messages, with the same ids.
 */
export interface RecordedTopicView {
  readonly topic: string;
  readonly filter: { readonly categories: readonly string[]; readonly types: readonly string[] };
  readonly messages: (event: RecordedEvent) => readonly RecordedMessage[];
}

export interface RecordedMessage {
  readonly id: string;
  readonly type: string;
  readonly key: string;
  /** Only this member of a group gets it; every member may when left out. */
  readonly member?: string;
  readonly payload: JsonValue;
  readonly traceparent?: string;
}
