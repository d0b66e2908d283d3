import type { RelayState } from '@tutti/relay';
import type { Finding } from '@tutti/service-process';

/** A broker that restarts, or changes its leader, is no trouble. */
const MOMENTARY_MS = 15_000;

/** How publishing to the broker is, as this coordinator knows it. @param nowMs wall clock */
export function findRelay({ status, lag, fault }: RelayState, nowMs: number): Finding {
  if (status === 'standby') return { status: 'ok', detail: 'another coordinator publishes' };
  const progress = lag === null ? '' : `; ${lag} positions behind the log`;
  if (fault === null) return { status: 'ok', detail: `${status}${progress}` };
  const detail = `${status} since ${fault.since}: ${fault.reason}${eventOf(fault)}${progress}`;
  if (fault.event !== undefined) return { status: 'failed', detail };
  return { status: nowMs - Date.parse(fault.since) < MOMENTARY_MS ? 'ok' : 'warning', detail };
}

/** What is to be said of the process because of it; null when nothing is. */
export function troubleOf(state: RelayState, nowMs: number): string | null {
  const { status, detail } = findRelay(state, nowMs);
  return status === 'ok' ? null : `publishing to Kafka: ${detail}`;
}

function eventOf({ event }: NonNullable<RelayState['fault']>): string {
  return event === undefined ? '' : `, at ${event.type}, revision ${event.revision} of ${event.stream}, which nothing behind it passes`;
}
