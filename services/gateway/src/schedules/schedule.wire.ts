import {
  OverlapPolicyMessage,
  parseDuration,
  ScheduleStatus,
  scheduleTrigger,
  type Schedule,
  type ScheduleSpecMessage,
} from '@tutti/contracts';
import type { changeSchedule, RouteInput } from '@tutti/rest-contract';
import { invalidRequest, parseRequest } from '@tutti/service-kit';
import { present, wireEnum } from '../wire/wire-enum.js';

const overlap = wireEnum(OverlapPolicyMessage, 'OVERLAP_POLICY_');
const status = wireEnum(ScheduleStatus, 'SCHEDULE_STATUS_');

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** A schedule in the words of `on.schedule` of a definition, and its workflow. @throws TuttiError INVALID_REQUEST */
export function specFromWire({ workflow, ...rest }: RouteInput<typeof changeSchedule>['body']): ScheduleSpecMessage {
  const given = parseRequest(scheduleTrigger, rest);
  return {
    workflow,
    ...{ cron: given.cron ?? '', everyMs: milliseconds('every', given.every), offsetMs: milliseconds('offset', given.offset) },
    ...{ timezone: given.timezone ?? '', overlap: overlap.value(given.overlap), jitterMs: milliseconds('jitter', given.jitter) },
    catchUpMs: given.catchUp === undefined ? undefined : milliseconds('catchUp', given.catchUp),
    inputs: given.with ?? {},
  };
}

export function scheduleToWire(schedule: Schedule) {
  const { spec, status: is, ...rest } = schedule;
  const { workflow: of, cron, everyMs, offsetMs, timezone, overlap: policy, catchUpMs = 0, jitterMs, inputs } = present(spec, 'spec');
  return {
    ...rest,
    status: status.word(is),
    workflow: of,
    ...(cron === '' ? { every: durationText(everyMs) } : { cron, timezone }),
    ...(offsetMs === 0 ? {} : { offset: durationText(offsetMs) }),
    overlap: overlap.word(policy),
    catchUp: durationText(catchUpMs),
    ...(jitterMs === 0 ? {} : { jitter: durationText(jitterMs) }),
    with: inputs ?? {},
  };
}

function durationText(ms: number): string {
  const unit = UNITS.find(([, length]) => ms > 0 && ms % length === 0);
  return unit === undefined ? `${ms}ms` : `${ms / unit[1]}${unit[0]}`;
}

function milliseconds(path: string, text: string | undefined): number {
  if (text === undefined) return 0;
  const ms = parseDuration(text);
  if (ms === null) throw invalidRequest([{ path, message: `found "${text}", expected a shorter duration` }]);
  return ms;
}
