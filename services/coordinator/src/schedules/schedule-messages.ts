import {
  OverlapPolicyMessage,
  ScheduleStatus,
  type OverlapPolicy,
  type Schedule,
  type ScheduleSpec,
  type ScheduleSpecMessage,
} from '@tutti/contracts';
import { isoTime } from '@tutti/kernel';
import { jitterOf } from './next-action.js';
import type { KnownSchedule } from './schedule.state.js';
import { timesBetween } from './times.js';

const OVERLAPS: Readonly<Record<OverlapPolicy, OverlapPolicyMessage>> = {
  skip: OverlapPolicyMessage.OVERLAP_POLICY_SKIP,
  'buffer-one': OverlapPolicyMessage.OVERLAP_POLICY_BUFFER_ONE,
  allow: OverlapPolicyMessage.OVERLAP_POLICY_ALLOW,
  'cancel-running': OverlapPolicyMessage.OVERLAP_POLICY_CANCEL_RUNNING,
};
const POLICIES = new Map(Object.entries(OVERLAPS).map(([policy, message]) => [message, policy as OverlapPolicy]));

export const DEFAULT_CATCH_UP_MS = 3_600_000;

/** @param times how many of the next ones are named */
export function scheduleMessage(schedule: KnownSchedule, nowMs: number, times: number): Schedule {
  const { name, spec, status, ownedBy, createdMs, bufferedMs, recent, backfills, throughMs } = schedule;
  const next = status === 'active' ? timesBetween(spec, Math.max(throughMs, nowMs), Infinity, times) : [];
  const { everyMs, cron, inputs, overlap, ...rest } = spec;
  return {
    name,
    spec: { ...rest, cron: cron ?? '', everyMs: everyMs ?? 0, overlap: OVERLAPS[overlap], inputs: { ...inputs } },
    status: status === 'paused' ? ScheduleStatus.SCHEDULE_STATUS_PAUSED : ScheduleStatus.SCHEDULE_STATUS_ACTIVE,
    ownedBy: ownedBy ?? '',
    createdAt: isoTime(createdMs),
    nextTimes: next.map((time) => isoTime(time + jitterOf(schedule, time))),
    recentRuns: [...recent].reverse().map((run) => ({ ...run })),
    openBackfills: backfills.length,
    bufferedTime: bufferedMs === null ? undefined : isoTime(bufferedMs),
  };
}

export function specOf(message: ScheduleSpecMessage): ScheduleSpec {
  const { workflow, cron, everyMs, offsetMs, timezone, overlap, catchUpMs = DEFAULT_CATCH_UP_MS, jitterMs, inputs } = message;
  return {
    ...{ workflow, cron: cron === '' ? null : cron, everyMs: everyMs === 0 ? null : everyMs, offsetMs },
    ...{ timezone: timezone === '' ? 'UTC' : timezone, overlap: POLICIES.get(overlap) ?? 'skip', catchUpMs, jitterMs },
    inputs: inputs ?? {},
  };
}
