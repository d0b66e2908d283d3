import type { RecordedEvent } from '@tutti/kernel';
import type { Calls } from './calls.js';
import { followFeed } from './following/follow-feed.js';
import type { EventFilter } from './transport.port.js';

export interface FollowOptions extends EventFilter {
  /** Events behind this position, -1 for all; `head` for what comes from now on. Default: `head`. */
  readonly after?: number | 'head';
  /** Ends it without an error. */
  readonly signal?: AbortSignal;
}

export interface Events {
  /**
   * Recorded events of all streams, in order of position and each once, until the signal ends it. Outlives restarts of the server. To go on later, remember the
   * position of the last event.
   */
  follow(options?: FollowOptions): AsyncGenerator<RecordedEvent, void>;
}

export function createEvents(calls: Calls): Events {
  return {
    async *follow({ signal = new AbortController().signal, after = 'head', ...filter } = {}) {
      const deps = { ...calls, giveUpMs: calls.reconnectLimitMs };
      for await (const item of followFeed(deps, { ...filter, after }, signal)) if (item.kind === 'event') yield item.event;
    },
  };
}
