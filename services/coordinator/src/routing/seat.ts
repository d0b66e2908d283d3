import type { AgentProfile } from '@tutti/contracts';
import type { AgentRecord } from './agent-record.js';

export interface Host {
  readonly seats: Seat[];
  draining: boolean;
}

/** One agent on one worker. */
export interface Seat {
  readonly worker: string;
  readonly agent: AgentProfile;
  readonly host: Host;
  readonly record: AgentRecord;
  load: number;
  /** Counts assignments over all seats; the smallest was used longest ago. */
  lastUsed: number;
}

export function loadShare(seat: Seat): number {
  return seat.load / seat.agent.limits.concurrency;
}

/** Why the seat takes no such task; null when it does. @param nowMs on the monotonic clock */
export function refusalOf(seat: Seat, pinnedAgent: string | null, nowMs: number): string | null {
  const { agent, host, load, record } = seat;
  if (pinnedAgent !== null && agent.name !== pinnedAgent) return `the step asks for agent "${pinnedAgent}"`;
  if (record.retired !== null) return record.retired;
  if (host.draining) return 'its worker is stopping';
  if (load >= agent.limits.concurrency) return `busy: ${load} of ${agent.limits.concurrency} in hand`;
  return record.breaker.refusal(nowMs);
}
