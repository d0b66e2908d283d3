import { isoTime } from '@tutti/kernel';
import { OutcomeWindow } from './outcome-window.js';
import { riseOfFailures, type Rate } from './regression.js';

/** An agent fails more often than it did. */
export interface Regression {
  readonly capability: string;
  readonly agent: string;
  /** Of the newest attempt. */
  readonly agentVersion: string;
  readonly before: Rate;
  readonly recent: Rate;
  /** Standard deviations that the recent rate is above the one before. */
  readonly certainty: number;
  /** When it was seen first. */
  readonly since: string;
}

interface Watched {
  readonly capability: string;
  readonly agent: string;
  agentVersion: string;
  readonly recent: OutcomeWindow;
  readonly before: OutcomeWindow;
  regression: Regression | null;
}

interface Assigned {
  readonly capability: string;
  readonly agent: string;
  readonly agentVersion: string;
}

const RECENT = 30;
const BEFORE = 300;
const LEAST_BEFORE = 30;
const CERTAIN = 3;
const CERTAIN_NO_MORE = 1;
const MOST_ASSIGNED = 400_000;
const MOST_WATCHED = 10_000;

/**
 * Watches how attempts of agents end, and says when one fails surely more often than before: its last 30 attempts against the up to 300 before them. Errors and
 * refusals by a gate count as failures; an attempt that was lost or cancelled says nothing about the agent. Bounded: past the limits the oldest is forgotten.
 */
export class OutcomeMonitor {
  private readonly assigned = new Map<string, Assigned>();
  private readonly watched = new Map<string, Watched>();

  /** @param onChange told of each regression when it is seen, and with null when it is over */
  constructor(private readonly onChange: (agent: string, capability: string, regression: Regression | null) => void) {}

  /** An agent was given an attempt of a task. */
  began(runId: string, task: string, assigned: Assigned): void {
    const key = taskKey(runId, task);
    this.assigned.delete(key);
    this.assigned.set(key, assigned);
    dropOldest(this.assigned, MOST_ASSIGNED);
  }

  /** The attempt ended in a way that says something of the agent. */
  ended(runId: string, task: string, isFailure: boolean, atMs: number): void {
    const key = taskKey(runId, task);
    const assigned = this.assigned.get(key);
    // A sleep, a wait, a child run, or what began before this process followed.
    if (assigned === undefined) return;
    this.assigned.delete(key);
    const watched = this.watchedOf(assigned);
    watched.agentVersion = assigned.agentVersion;
    const left = watched.recent.add(isFailure);
    if (left !== null) watched.before.add(left);
    this.judge(watched, atMs);
  }

  /** The attempt is over, through no doing of the agent. */
  dropped(runId: string, task: string): void {
    this.assigned.delete(taskKey(runId, task));
  }

  /** The surest first. */
  regressions(): readonly Regression[] {
    const found = [...this.watched.values()].flatMap(({ regression }) => (regression === null ? [] : [regression]));
    return found.sort((one, other) => other.certainty - one.certainty);
  }

  private watchedOf({ capability, agent, agentVersion }: Assigned): Watched {
    const key = `${capability}\n${agent}`;
    const known = this.watched.get(key);
    if (known !== undefined) return known;
    const watched = {
      capability,
      agent,
      agentVersion,
      recent: new OutcomeWindow(RECENT),
      before: new OutcomeWindow(BEFORE),
      regression: null,
    };
    this.watched.set(key, watched);
    dropOldest(this.watched, MOST_WATCHED);
    return watched;
  }

  private judge(watched: Watched, atMs: number): void {
    const { capability, agent, agentVersion } = watched;
    if (!watched.recent.isFull || watched.before.count < LEAST_BEFORE) return;
    const [before, recent] = [rateOf(watched.before), rateOf(watched.recent)];
    const certainty = riseOfFailures(before, recent) ?? 0;
    if (certainty >= CERTAIN) {
      const isNew = watched.regression === null;
      const since = watched.regression?.since ?? isoTime(atMs);
      watched.regression = { capability, agent, agentVersion, before, recent, certainty, since };
      if (isNew) this.onChange(agent, capability, watched.regression);
    } else if (watched.regression !== null && certainty < CERTAIN_NO_MORE) {
      watched.regression = null;
      this.onChange(agent, capability, null);
    }
  }
}

function taskKey(runId: string, task: string): string {
  return `${runId}/${task}`;
}

function rateOf({ count, failures }: OutcomeWindow): Rate {
  return { attempts: count, failures };
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  if (map.size <= most) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
