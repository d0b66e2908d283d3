import { assertNever } from '@tutti/kernel';
import type { RoutingStrategy } from '@tutti/contracts';
import { loadShare, type Seat } from './seat.js';
import type { StickyPlace } from './sticky-keys.js';

/** What a strategy may look at besides the seat. */
export interface RoutingView {
  readonly strategy: RoutingStrategy;
  /** Who had the task's key last; null for none, and for other strategies. */
  readonly sticky: StickyPlace | null;
  /** On the monotonic clock. */
  readonly nowMs: number;
}

/** Behind everything that is known; finite, because scores are recorded as JSON. */
const LAST = 1e12;

/** Lower is better. Seats of the same score are told apart by their load, and then by who was used longest ago. */
export function scoreOf(seat: Seat, { strategy, sticky, nowMs }: RoutingView): number {
  switch (strategy) {
    case 'least-loaded':
      return loadShare(seat);
    case 'cheapest':
      return seat.agent.costPerTask ?? LAST;
    case 'fastest': {
      const average = seat.record.averageMs(nowMs);
      return average === 'untried' ? 0 : average === 'never' ? LAST : average;
    }
    case 'most-successful':
      return seat.record.failureShare(nowMs);
    case 'sticky':
      return (sticky?.agent !== seat.agent.name ? 2 : sticky.worker === seat.worker ? 0 : 1) + loadShare(seat);
    default:
      return assertNever(strategy, 'routing strategy');
  }
}

/** What the score stands for, for people. */
export function describeScore(seat: Seat, { strategy, sticky, nowMs }: RoutingView): string {
  const load = `${seat.load} of ${seat.agent.limits.concurrency} in hand`;
  switch (strategy) {
    case 'least-loaded':
      return load;
    case 'cheapest':
      return `${seat.agent.costPerTask === undefined ? 'cost not known' : `costs ${seat.agent.costPerTask} a task`}, ${load}`;
    case 'fastest': {
      const average = seat.record.averageMs(nowMs);
      const says =
        typeof average === 'number'
          ? `takes ${Math.round(average)} ms on average`
          : average === 'never'
            ? 'nothing succeeded'
            : 'not tried';
      return `${says} of late, ${load}`;
    }
    case 'most-successful':
      return `${Math.round(seat.record.failureShare(nowMs) * 100)} % failed of late, ${load}`;
    case 'sticky':
      if (sticky === null) return `nobody had the key before, ${load}`;
      return `${sticky.agent !== seat.agent.name ? 'did not have the key' : sticky.worker === seat.worker ? 'had the key last' : 'had the key on another worker'}, ${load}`;
    default:
      return assertNever(strategy, 'routing strategy');
  }
}
