import type { BusMessage } from '../event-bus.port.js';

/** Takes what a topic gives, in order of position. */
export interface TopicSink {
  /** `index` counts the messages of one position from 0. */
  take(position: number, index: number, message: BusMessage): void;
  /** Nothing more comes at or below `head`. The next batch waits for the promise. */
  batchTaken(head: number): Promise<void> | void;
}

export interface TopicFollower {
  /** Resolves after `close`, rejects with what broke it. */
  readonly ended: Promise<void>;
  /** Stops; resolves when no batch is being handled any more. */
  close(): Promise<void>;
}

/** Where a topic's messages come from: the event store's log, or a table. */
export interface TopicSource {
  /** Position of the last message, -1 when there is none. */
  head(): Promise<number>;
  /** Gives everything after a position, then follows. */
  follow(after: number, sink: TopicSink): TopicFollower;
}
