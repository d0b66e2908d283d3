import { endsTheRun } from '@tutti/client/http';
import type { FeedEvent } from '@tutti/rest-contract';
import { followRun } from '../api/follow-run.js';
import type { Cli, Connected } from '../cli.js';

export interface EventFilter {
  readonly follow?: boolean;
  /** Only what stands behind this position. */
  readonly after?: number;
  readonly type?: readonly string[];
  readonly category?: readonly string[];
  readonly limit?: number;
}

/** Recorded events of a run from its first; with `follow` until it ends. */
export async function* runEvents(
  cli: Cli,
  { api, openFeed }: Connected,
  runId: string,
  { follow }: Pick<EventFilter, 'follow'>,
  signal: AbortSignal,
): AsyncGenerator<FeedEvent> {
  if (follow === true) {
    for await (const item of followRun(api, openFeed, runId, signal)) {
      if (item.kind === 'event') yield item.event;
      else if (item.kind === 'lost' && item.attempt === 1) cli.say(`connection lost (${item.reason}); trying again`);
    }
    return;
  }
  let next: number | null = 0;
  while (next !== null && !signal.aborted) {
    const page: { readonly events: readonly FeedEvent[]; readonly nextRevision: number | null } = (await api.runEvents(runId, next, signal))
      .value;
    yield* page.events;
    if (page.events.length === 0 || page.events.some(endsTheRun)) return;
    next = page.nextRevision;
  }
}

/** Recorded events of all streams; with `follow` those to come, behind `after` or from now on, over reconnects without loss. */
export async function* allEvents(
  cli: Cli,
  { api, openFeed }: Connected,
  filter: EventFilter,
  signal: AbortSignal,
): AsyncGenerator<FeedEvent> {
  const { follow, after, type, category, limit } = filter;
  if (follow === true) {
    const wanted = { ...(type === undefined ? {} : { types: type }), ...(category === undefined ? {} : { categories: category }) };
    for await (const item of openFeed({ after: after ?? 'head', ...wanted, signal })) {
      if (item.kind === 'event') yield item.event;
      else if (item.kind === 'lost' && item.attempt === 1) cli.say(`connection lost (${item.reason}); trying again`);
    }
    return;
  }
  const wanted = { ...(type === undefined ? {} : { type }), ...(category === undefined ? {} : { category }) };
  // Positions begin at 0, and `after` leaves its own out.
  let position = after ?? -1;
  while (!signal.aborted) {
    const { events: page, nextAfter } = (await api.events(position < 0 ? undefined : position, wanted, limit)).value;
    yield* page;
    // An empty page that names a later position was filtered, not the last one.
    if (nextAfter === null || nextAfter <= position) return;
    position = nextAfter;
  }
}
