import type { FeedEvent } from '@tutti/rest-contract';
import type { Cli } from '../cli.js';
import { eventLine } from '../run-view/event-line.js';
import type { RunViewState } from '../run-view/run-view.state.js';
import { sanitizeText } from '../terminal/text-width.js';

/** Shows a run while it goes on. */
export interface RunDisplay {
  /** After the state changed; `event` is what changed it. */
  event(event: FeedEvent, state: RunViewState): void;
  /** Other approvals of child runs wait. */
  below(state: RunViewState): void;
  lost(attempt: number, reason: string, state: RunViewState): void;
  connected(state: RunViewState): void;
  /** The last picture; the terminal is as before afterwards. */
  close(state: RunViewState): void;
}

/** A plain line for each event, for pipes, logs and terminals that cannot move their cursor. */
export function createLineDisplay(cli: Cli, write: (line: string) => void): RunDisplay {
  let lost = false;
  const said = new Set<string>();
  return {
    event: (event) => write(eventLine(event, cli.environment)),
    below({ approvalsBelow }) {
      for (const { id, title, place } of approvalsBelow)
        if (!said.has(id)) write(`step ${place} waits for approval: ${sanitizeText(title)}; answer with: tutti approve ${id}`);
      for (const { id } of approvalsBelow) said.add(id);
    },
    lost(_attempt, reason) {
      if (!lost) cli.say(`connection lost (${reason}); trying again`);
      lost = true;
    },
    connected() {
      if (lost) cli.say('connected again');
      lost = false;
    },
    close() {},
  };
}

/** The events themselves, one document each, for programs. */
export function createEventStreamDisplay(cli: Cli): RunDisplay {
  return { ...createLineDisplay(cli, () => {}), event: (event) => cli.item(event, () => {}) };
}
