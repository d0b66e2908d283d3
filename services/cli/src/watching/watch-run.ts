import type { RunEvent } from '@tutti/contracts';
import type { FeedEvent } from '@tutti/rest-contract';
import { followRun } from '../api/follow-run.js';
import type { Connected } from '../cli.js';
import { isFailure } from '../failure/failure.js';
import { evolveRunView } from '../run-view/run-view.fold.js';
import { initialRunView, type RunViewState } from '../run-view/run-view.state.js';
import type { RunDisplay } from './run-display.js';
import { watchBelow } from './watch-below.js';

interface WatchOptions {
  readonly runId: string;
  /** What the run's view must hold already, to read one's own write. */
  readonly minPosition?: number;
  readonly display: (initial: RunViewState) => RunDisplay;
  /** Ends the watching, not the run. */
  readonly signal: AbortSignal;
}

export interface Watched {
  readonly state: RunViewState;
  /** Position of the newest event taken. */
  readonly position: number;
  /** Whether the run ended; false when the watching was ended first. */
  readonly ended: boolean;
}

/** Shows a run from its first event until it ends. @throws Failure of the API or the feed, with the terminal as before */
export async function watchRun({ api, openFeed }: Connected, options: WatchOptions): Promise<Watched> {
  const { run } = (await api.getRun(options.runId, options.minPosition)).value;
  const state = initialRunView(run.id, run.steps);
  const display = options.display(state);
  const onChange = (waiting: RunViewState['approvalsBelow']): void => {
    if (state.endedAtMs !== null) return;
    state.approvalsBelow = waiting;
    display.below(state);
  };
  const below = watchBelow({ api, openFeed, onChange }, run.id);
  let position = 0;
  try {
    for await (const item of followRun(api, openFeed, run.id, options.signal)) {
      if (item.kind === 'lost') {
        display.lost(item.attempt, item.reason, state);
        continue;
      }
      display.connected(state);
      if (item.kind === 'caught-up') continue;
      position = item.event.position;
      evolveRunView(state, { event: runEvent(item.event), atMs: Date.parse(item.event.time) });
      display.event(item.event, state);
      if (item.event.type === 'ChildRunStarted') below.start();
    }
  } catch (error) {
    if (!isFailure(error, 'INTERRUPTED')) throw error;
  } finally {
    await below.stop();
    display.close(state);
  }
  return { state, position, ended: state.endedAtMs !== null };
}

/** The server checked the data when the event was recorded; here it is only shown. */
function runEvent(event: FeedEvent): RunEvent {
  return event as unknown as RunEvent;
}
