import type { BusMessage } from '@tutti/event-bus';
import type { EventFilter } from '@tutti/event-store';
import type { RecordedEvent } from '@tutti/kernel';

export interface RelayMessage extends BusMessage {
  /** Written beside those that the publisher makes of the message. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RoutedMessage {
  readonly topic: string;
  readonly message: RelayMessage;
}

/** What goes out for recorded events. Pure: the same event always gives the same messages, with the same ids. */
export interface RelayRoute {
  /** All that `messages` may name; made before the first message. */
  readonly topics: readonly string[];
  readonly filter: EventFilter & { readonly categories: readonly string[] };
  /** @throws for an event that it cannot turn into messages: the relay stops there */
  readonly messages: (event: RecordedEvent) => readonly RoutedMessage[];
}

export interface RelayPublisher {
  /**
   * Resolves when every message is durable. Messages of one key keep their order, within a call and over calls that wait for each other. When it rejects some may
   * be there, or get there yet.
   *
   * @throws TuttiError PAYLOAD_TOO_LARGE or INVALID_REQUEST for a message that will never be taken; whatever else it throws may pass
   */
  publish(topic: string, messages: readonly RelayMessage[]): Promise<void>;
  /** Makes what is not there. */
  ensureTopics(topics: readonly string[]): Promise<void>;
}

/** How far the log is published, where the next relay finds it. Losing it costs repeats, nothing else. */
export interface RelayCheckpoints {
  /** The position that was saved last; null when there is none. */
  load(): Promise<number | null>;
  save(position: number): Promise<void>;
}

/** The one place from which to publish, among all processes. */
export interface RelaySeat {
  /** Resolves when this process has it. @throws TuttiError SHUTTING_DOWN when it was left before */
  take(): Promise<void>;
  /** Called once when this process can no longer be sure to have it. Returns how to end it. */
  onLost(listener: () => void): () => void;
  /** How long from now nobody else can have it, by this process's own clock. 0 or less: perhaps another has it. Left out where nobody can take it away. */
  sureForMs?(): number;
  /** Lets the next one have it. Ends waiting for it, too. */
  leave(): Promise<void>;
}

export interface RelayLog {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface RelayLimits {
  /** Events that wait to go out, after which the log is not read on. Default 2,000. */
  readonly maxQueuedEvents: number;
  /** Their data, in bytes of JSON. Default 16 MiB. */
  readonly maxQueuedBytes: number;
  /** Events that go out together. Default 500. */
  readonly maxBatchEvents: number;
  /** Their data, in bytes of JSON; one event more than this goes out alone. Default 1 MiB. */
  readonly maxBatchBytes: number;
  /** How far it got is noted at most this often, and at the end. Default 200 ms. */
  readonly noteEveryMs: number;
  /** Wait before something that failed is tried again; doubled each time. Default 100 ms. */
  readonly firstPauseMs: number;
  /** Default 5 s. */
  readonly longestPauseMs: number;
  /** Wait before an event is tried again that could not be turned into messages: another process may have the seat meanwhile. Default 30 s. */
  readonly stuckPauseMs: number;
}

export const DEFAULT_RELAY_LIMITS: RelayLimits = {
  maxQueuedEvents: 2_000,
  maxQueuedBytes: 16 * 1024 * 1024,
  maxBatchEvents: 500,
  maxBatchBytes: 1024 * 1024,
  noteEveryMs: 200,
  firstPauseMs: 100,
  longestPauseMs: 5_000,
  stuckPauseMs: 30_000,
};
