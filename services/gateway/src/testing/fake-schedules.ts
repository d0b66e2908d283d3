import { OverlapPolicyMessage, ScheduleStatus, type Schedule } from '@tutti/contracts';

const AT = '2026-01-01T00:00:00.000Z';

export const A_SCHEDULE: Schedule = {
  name: 'nightly',
  spec: {
    ...{ workflow: 'greet', cron: '', everyMs: 900_000, offsetMs: 60_000, timezone: 'UTC' },
    ...{ overlap: OverlapPolicyMessage.OVERLAP_POLICY_BUFFER_ONE, catchUpMs: 3_600_000, jitterMs: 1_500, inputs: { to: 'Ann' } },
  },
  status: ScheduleStatus.SCHEDULE_STATUS_ACTIVE,
  ownedBy: '',
  createdAt: AT,
  nextTimes: [AT],
  recentRuns: [{ runId: 'r-1', scheduledTime: AT, kind: 'time' }],
  openBackfills: 0,
  bufferedTime: undefined,
};
