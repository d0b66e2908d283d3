import { z } from 'zod';
import { count, members, oneOf, text, texts, time } from './view-values.js';

export const OVERLAP_POLICIES = ['skip', 'buffer-one', 'allow', 'cancel-running'] as const;

const scheduledRun = z
  .object({ runId: z.string(), scheduledTime: time, kind: oneOf(['time', 'manual', 'backfill']) })
  .meta({ id: 'ScheduledRun' });

export const scheduleView = z
  .object({
    name: z.string(),
    workflow: text,
    status: oneOf(['active', 'paused']),
    /** The workflow whose definition it stands in; empty for one made by itself. */
    ownedBy: text,
    cron: z.string().optional(),
    every: z.string().optional(),
    offset: z.string().optional(),
    timezone: z.string().optional(),
    overlap: oneOf(OVERLAP_POLICIES),
    catchUp: z.string().optional(),
    jitter: z.string().optional(),
    with: members.default({}),
    createdAt: time,
    /** The next five, in a list only the first; none while it is paused. */
    nextTimes: texts,
    /** The newest ten, newest first. */
    recentRuns: z.array(scheduledRun).default([]),
    openBackfills: count,
    /** A time that waits for the end of a run. */
    bufferedTime: time,
  })
  .meta({ id: 'Schedule' });

export const backfill = z.object({ backfillId: z.string(), count, position: count }).meta({ id: 'Backfill' });

export type ScheduleView = Readonly<z.infer<typeof scheduleView>>;
